import { keyId, signerOf, SoukError, type KeyId } from '@souk/domain';
import { openKeyStore } from '@souk/store';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandDefinition } from '../command.ts';
import type { Context } from '../context.ts';
import { keyNames } from '../home/identity.ts';
import { ifPresent, onDisk } from '../home/on-disk.ts';
import { openOwnLog } from '../home/own-log.ts';
import { facts, table } from '../output/table.ts';

const meanings: Readonly<Record<string, string>> = {
  [keyNames.root]: 'your publisher: names you, delegates devices',
  [keyNames.nextRoot]: 'replaces the root if that is lost; keep a copy elsewhere',
  [keyNames.device]: "this computer's key: signs your releases",
};

/** `souk key [list|show NAME]`: public keys and where the secrets lie. A secret is never printed. */
export const key: CommandDefinition = {
  define(command, start) {
    command
      .argument('[verb]', 'list (default) or show', 'list')
      .argument('[name]', 'root, next-root or device', keyNames.root)
      .action((verb: string, name: string) => start((context) => show(context, verb, name)));
  },
};

interface KeyLine {
  readonly name: string;
  readonly key: KeyId;
  readonly file: string;
  readonly meaning: string;
}

async function keysOf(context: Context): Promise<KeyLine[]> {
  const folder = context.home.keys;
  if ((await onDisk(`Reading ${folder}`, () => ifPresent(() => stat(folder)))) === undefined) return [];
  const keys = await openKeyStore(folder);
  const lines: KeyLine[] = [];
  for (const name of await keys.list()) {
    const seed = await keys.get(name);
    if (seed) lines.push({ name, key: keyId(signerOf(seed).publicKey), file: join(folder, name), meaning: meanings[name] ?? '' });
  }
  return lines;
}

async function show(context: Context, verb: string, name: string): Promise<void> {
  const keys = await keysOf(context);
  if (verb === 'list') {
    const none = 'You have no keys yet; the first souk publish makes them.\n';
    return context.out.answer({ keys }, () => table(['NAME', 'KEY', 'MEANING'], keys.map((one) => [one.name, one.key, one.meaning])) || none);
  }
  if (verb !== 'show') throw new SoukError('BAD_REQUEST', `souk key ${verb} is not understood.`, { hint: 'Use list or show NAME.' });
  const found = keys.find((one) => one.name === name);
  if (!found) throw new SoukError('NOT_FOUND', `There is no key "${name}".`, { hint: keys.length === 0 ? 'The first souk publish makes your keys.' : `There are ${keys.map((one) => one.name).join(', ')}.` });
  const log = await openOwnLog(context.home.logs, found.key);
  context.out.answer({ ...found, records: log.length }, () =>
    facts([
      ['name', found.name],
      ['key', found.key],
      ['meaning', found.meaning],
      ['secret', `${found.file} (readable by you only; back it up)`],
      ['records signed', String(log.length)],
    ]),
  );
}
