import { KeyId, SoukError } from '@souk/domain';
import { makeFolder, openKeyStore } from '@souk/store';
import type { Context } from '../context.ts';
import { joinedPublisher, keepPublisher, keyNames, openDevice } from '../home/identity.ts';
import { onDisk } from '../home/on-disk.ts';
import { lockProcess } from '../home/process-lock.ts';

const lockWaitMs = 10_000;

/** Reads a key as people copy it. Throws BAD_REQUEST. */
export function parseKey(text: string, what: string): KeyId {
  const parsed = KeyId.safeParse(text.trim());
  if (!parsed.success) throw new SoukError('BAD_REQUEST', `"${text.slice(0, 80)}" is not ${what}.`, { hint: 'It is a key that begins with z6Mk; souk key list shows yours.' });
  return parsed.data;
}

/** Makes this computer a device of an existing publisher, and says what its owner has to run elsewhere. Nothing is sent. Throws BAD_REQUEST where this computer has a publisher of its own or another one. */
export async function joinPublisher(context: Context, text: string): Promise<void> {
  const { home, host } = context;
  const publisher = parseKey(text, 'a publisher');
  await onDisk(`Creating ${home.path}`, () => makeFolder(home.path));
  const lock = await lockProcess(home.lock, { signal: host.signal, waitMs: lockWaitMs, what: `the keys in ${home.path}` });
  try {
    const names = await (await openKeyStore(home.keys)).list();
    const joined = await joinedPublisher(home);
    if (names.includes(keyNames.root) || (joined !== undefined && joined !== publisher)) {
      throw new SoukError('BAD_REQUEST', joined === undefined ? 'This computer has a publisher of its own already.' : `This computer writes for ${joined} already.`, { hint: 'Use another SOUK_HOME for another publisher.' });
    }
    const key = await openDevice(home);
    await keepPublisher(home, publisher);
    context.out.answer({ publisher, key }, () => `This computer's key is ${key}\nOn a computer that has the root of ${publisher}, run:\n  souk key add ${key} --name NAME\n`);
  } finally {
    await lock.release();
  }
}
