import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupEntry } from '@souk/archive';
import { routes } from '@souk/contracts';
import { SoukError } from '@souk/domain';
import { openKeyStore } from '@souk/store';
import type { Context } from '../context.ts';
import { ifPresent, onDisk } from '../home/on-disk.ts';
import { otherSite, peerOfFolder } from '../site/site-of-folder.ts';

/**
 * The site's secret keys, read from its data folder on this machine: they never travel over HTTP, and whoever may read these files has them
 * already. Throws NOT_FOUND without such a folder, STORAGE_DENIED when others may read a key.
 */
export async function keyEntries(folder: string): Promise<BackupEntry[]> {
  const path = join(folder, 'keys');
  if ((await onDisk(`Reading ${path}`, () => ifPresent(() => stat(path)))) === undefined) {
    throw new SoukError('NOT_FOUND', `There are no keys in ${path}.`, { hint: 'Name the data folder of the site by --data, on the machine that it runs on; without --with-keys none is needed.' });
  }
  const keys = await openKeyStore(path);
  const entries: BackupEntry[] = [];
  for (const name of await keys.list()) {
    const secret = await keys.get(name);
    if (secret) entries.push({ path: `keys/${name}`, size: secret.length, bytes: [secret] });
  }
  return entries;
}

/** Throws BAD_REQUEST when a data folder is not that of the site that is asked. */
export async function requireFolderOfSite(context: Context, folder: string): Promise<void> {
  const gateway = await context.gateway();
  const { peerId } = await gateway.call(routes.getNetwork, {});
  if ((await peerOfFolder(folder)) !== peerId) throw otherSite(folder, gateway.site);
}
