import { chmod, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { found, isSoukError, networkIdOf, secretBytes, type CheckStep, type Finding } from '@souk/domain';
import { readBelonging } from '../data-belonging.ts';
import { openKeyStore } from '../file-key-store.ts';
import { storageCode } from '../storage-error.ts';

const isWindows = process.platform === 'win32';

async function modeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode & 0o777;
  } catch (error) {
    if (storageCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Findings about keys, and the folder that they lie in, which others may read. */
export async function* examineKeyFiles(folder: string, fix: boolean): AsyncGenerator<CheckStep> {
  const close = async (path: string, wanted: number): Promise<CheckStep | undefined> => {
    const mode = await modeOf(path);
    if (mode === undefined || (mode & 0o077) === 0 || isWindows) return undefined;
    const octal = wanted.toString(8);
    const finding: Finding = { check: 'permissions', level: 'problem', what: `Others than its owner may open ${path} (mode ${mode.toString(8)}).`, why: 'It holds a secret, and is refused as long as others may read it.', todo: `chmod ${octal} ${path}. If others may have read it, use a new key.` };
    if (fix) await chmod(path, wanted);
    return found(fix ? { ...finding, fixed: true } : finding);
  };
  const folderStep = await close(folder, 0o700);
  if (folderStep) yield folderStep;
  for (const name of (await modeOf(folder)) === undefined ? [] : await readdir(folder)) {
    const path = join(folder, name);
    const step = name.startsWith('.') ? undefined : await close(path, 0o600);
    if (step) yield step;
    const { size } = await stat(path);
    if (!name.startsWith('.') && size !== secretBytes) yield found({ check: 'permissions', level: 'problem', what: `The key ${path} has ${size} bytes instead of ${secretBytes}.`, why: 'It is damaged.', todo: 'Restore it from a backup; without it nobody can act in its place.' });
  }
}

/** Checks the keys of a site, and that the one of its network is there. */
export async function* examineKeys(folder: string, fix: boolean): AsyncGenerator<CheckStep> {
  yield* examineKeyFiles(join(folder, 'keys'), fix);
  try {
    const belongs = await readBelonging(folder);
    const key = await (await openKeyStore(join(folder, 'keys'))).get('network');
    if (belongs !== undefined && networkIdOf(key) !== belongs) {
      const what = key === undefined ? `The folder belongs to the private network ${belongs}, but the network's key is missing.` : `The folder belongs to the network ${belongs}, but its key is that of another one.`;
      yield found({ check: 'network', level: 'problem', what, why: 'The site would not start: it must neither show these records to strangers nor mix two networks.', todo: 'Start it once with an invite of that network, souk up --join INVITE, or restore a backup that has keys.' });
    }
    yield { type: 'checked', check: 'network', done: 1 };
  } catch (error) {
    if (!isSoukError(error)) throw error;
    yield found({ check: 'network', level: 'problem', what: error.message, todo: error.hint });
  }
}
