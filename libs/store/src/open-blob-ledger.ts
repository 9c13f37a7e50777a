import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isSoukError, type BlobLedger } from '@souk/domain';
import { ledgerMigrations } from './blob-ledger-tables.ts';
import { joinDatabase, openDatabase, type DatabaseOptions } from './database.ts';
import { makeFolder } from './durable-file.ts';
import { SqliteBlobLedger, type SharedBlobLedger } from './sqlite-blob-ledger.ts';
import { storing } from './storage-error.ts';

/** Name of the ledger's database in a data folder. */
export const ledgerFile = 'blobs.db';

/** 16 MiB: cids are in no order, so that each row of a commit is in another page, and most pages are written again before they are moved. */
const checkpointPages = 4096;
const database: DatabaseOptions = { holds: 'ledger of blobs', migrations: ledgerMigrations, durability: 'normal', access: 'shared', overwrites: false, checkpointPages };

/**
 * Opens the ledger of blobs in `folder`/blobs.db, from which the caller keeps other processes away. A damaged one is thrown away, because all of it
 * can be made anew. Throws STORAGE_VERSION, STORAGE_DENIED, STORAGE_FULL.
 */
export async function openBlobLedger(folder: string): Promise<SharedBlobLedger> {
  await storing(`Creating ${folder}`, () => makeFolder(folder));
  const path = join(folder, ledgerFile);
  const open = (): SqliteBlobLedger => new SqliteBlobLedger(openDatabase(path, database));
  try {
    return open();
  } catch (error) {
    if (!isSoukError(error) || error.code !== 'STORAGE_CORRUPT') throw error;
    for (const end of ['', '-wal', '-shm', '-journal']) await storing(`Deleting the damaged ${path}`, () => rm(path + end, { force: true }));
    return open();
  }
}

/**
 * The ledger that another thread of this process has open, for a worker thread. How much room it tells is as it was when this was opened, and what
 * this connection changed since. Throws STORAGE_VERSION, STORAGE_CORRUPT, STORAGE_DENIED.
 */
export async function joinBlobLedger(folder: string): Promise<BlobLedger> {
  return new SqliteBlobLedger(joinDatabase(join(folder, ledgerFile), database));
}
