import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { backupVersion } from '@souk/contracts';
import { MemoryBlobLedger, NamedBlobs, networkIdOf, SoukError } from '@souk/domain';
import { backupEntries, dataFolderVersion, openDataFolder, openKeyStore, readBelonging } from '@souk/store';
import type { Context } from '../context.ts';
import { ifPresent, onDisk } from '../home/on-disk.ts';
import type { BackupSource } from './backup-source.ts';

/** The data folder of a stopped site as source. Throws STORAGE_LOCKED when a site uses it, NOT_FOUND when it is none. */
export async function folderSource(context: Context, folder: string, cached: boolean): Promise<BackupSource> {
  const { host, out } = context;
  if ((await onDisk(`Reading ${folder}`, () => ifPresent(() => stat(join(folder, 'format.json'))))) === undefined) {
    throw new SoukError('NOT_FOUND', `${folder} is no data folder of a site.`, { hint: 'Name the right one by --data, or a running site by --site.' });
  }
  const data = await openDataFolder(folder);
  const { logs, blobs } = data;
  const ledger = new MemoryBlobLedger();
  const names = new NamedBlobs({ logs, ledger, rule: { fingerprint: '', keeps: async () => false, isOurs: () => true }, pace: async () => undefined });
  const catchUp = async (): Promise<void> => {
    await ledger.level(blobs.list(), (cid) => blobs.size(cid), host.now());
    await names.catchUp();
  };
  try {
    const network = (await readBelonging(folder)) ?? networkIdOf(await (await openKeyStore(join(folder, 'keys'))).get('network'));
    const head = { format: 'souk-backup', version: backupVersion, createdAt: host.now(), dataFolder: dataFolderVersion, network, cached, keys: false } as const;
    const onLeft = (cid: string, why: string): void => out.note(`Left out: the blob ${cid} is damaged (${why}).`);
    return { head, entries: backupEntries({ ...data, ledger }, { cached, catchUp, onLeft, signal: host.signal }), close: () => data.close() };
  } catch (error) {
    await data.close();
    throw error;
  }
}
