import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { found, type CheckStep, type Finding } from '@souk/domain';
import { ledgerMigrations } from '../blob-ledger-tables.ts';
import { siteLogFolder } from '../data-folder.ts';
import { logMigrations } from '../log-tables.ts';
import { sqlite } from '../sqlite.ts';
import { ledgerFile } from '../open-blob-ledger.ts';
import { hintMigrations } from '../sqlite-hint-store.ts';
import { observationMigrations } from '../sqlite-observation-store.ts';
import { summaryFile, summaryMigrations } from '../sqlite-summary-store.ts';
import { putAside } from './stray-files.ts';

interface Kept {
  readonly name: string;
  readonly holds: string;
  readonly version: number;
  /** Whether it can be made anew. */
  readonly isProjection: boolean;
}

const databases: readonly Kept[] = [
  { name: 'logs.db', holds: 'records', version: logMigrations.length, isProjection: false },
  { name: join(siteLogFolder, 'logs.db'), holds: 'site log', version: logMigrations.length, isProjection: false },
  { name: ledgerFile, holds: 'ledger of blobs', version: ledgerMigrations.length, isProjection: true },
  { name: 'hints.db', holds: 'hints of who has which blob', version: hintMigrations.length, isProjection: true },
  { name: summaryFile, holds: 'summaries of packages', version: summaryMigrations.length, isProjection: true },
  { name: 'observations.db', holds: 'observations of other peers', version: observationMigrations.length, isProjection: true },
];

const companions = ['', '-wal', '-shm', '-journal'];

/** Checks every database of a folder as SQLite does. Answers whether the records can be opened. */
export async function* examineDatabases(folder: string, fix: boolean): AsyncGenerator<CheckStep, boolean> {
  let isUsable = true;
  for (const one of databases) {
    const path = join(folder, one.name);
    const why = existsSync(path) ? problemOf(path, one) : undefined;
    if (why === undefined) continue;
    yield found(await judged(folder, one, why, fix));
    if (!one.isProjection) isUsable = false;
  }
  yield { type: 'checked', check: 'databases', done: databases.length };
  return isUsable;
}

async function judged(folder: string, { name, holds, isProjection }: Kept, why: string, fix: boolean): Promise<Finding> {
  const finding: Finding = { check: 'databases', level: 'problem', what: `The database ${name}, which holds the ${holds}, can't be used.`, why };
  if (name.startsWith(siteLogFolder)) return { ...finding, todo: 'Restore the data folder from a backup: nobody else has the site log, and without it accounts, tokens, bans and takedowns are forgotten.' };
  if (!isProjection) return { ...finding, todo: 'Restore the data folder from a backup, or move it away and join the network again: the records of others come back from the other peers, those of its authors when they publish.' };
  if (!fix) return { ...finding, todo: 'Run souk doctor --fix: it is put aside, and made anew at the next start.' };
  for (const end of companions) if (existsSync(join(folder, name + end))) await putAside(folder, name + end);
  return { ...finding, fixed: true };
}

function problemOf(path: string, { version }: Kept): string | undefined {
  let db;
  try {
    db = new (sqlite().DatabaseSync)(path, { timeout: 0 });
    db.exec('PRAGMA locking_mode = EXCLUSIVE');
    const found = Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
    if (found > version) return `It has version ${found}; this Souk understands ${version}.`;
    const [first] = db.prepare('PRAGMA integrity_check(1)').all().map((row) => String(row['integrity_check']));
    return first === 'ok' ? undefined : `SQLite says: ${first}.`;
  } catch (error) {
    return `SQLite says: ${typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : 'unknown'}.`;
  } finally {
    db?.close();
  }
}
