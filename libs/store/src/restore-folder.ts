import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupEnd, BackupHead } from '@souk/contracts';
import { checkRecords, checkReleases, MemoryBlobLedger, NamedBlobs, SoukError, type Finding } from '@souk/domain';
import { writeBelonging } from './data-belonging.ts';
import { siteLogFolder } from './data-folder.ts';
import { dataFolderVersion, formatFile, writeFormat } from './data-format.ts';
import { makeFolder, syncFolder } from './durable-file.ts';
import { openBlobStore } from './file-blob-store.ts';
import { RestoredFiles } from './restored-files.ts';
import { openLogStore } from './sqlite-log-store.ts';
import { storing } from './storage-error.ts';

/** What a backup holds, as it is read: nothing is believed before the end. */
export type RestoreEvent =
  | { readonly kind: 'head'; readonly head: BackupHead }
  | { readonly kind: 'entry'; readonly path: string }
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'done' }
  | { readonly kind: 'end'; readonly end: BackupEnd };

/** What was restored. */
export interface Restored {
  readonly head: BackupHead;
  readonly end: BackupEnd;
  readonly records: number;
  readonly blobs: number;
  /** Keys that were put aside because they may sign records. */
  readonly aside: readonly string[];
  /** What is worth knowing, such as releases whose blobs were not in the backup. */
  readonly findings: readonly Finding[];
}

/** Says that a folder is being restored; what a crash leaves beside it may be thrown away. */
const marker = '.restoring';
const harmless = new Set(['lost+found', marker]);

/**
 * Restores a backup into a folder that is empty or does not exist. Everything is checked before it can be used: until then the folder lacks
 * the file that makes it a data folder, and when anything fails it is left empty. A restore that was interrupted can be done again.
 * Throws STORAGE_DENIED for a folder that is not empty, STORAGE_VERSION for a backup of a newer Souk, STORAGE_CORRUPT, STORAGE_FULL.
 */
export async function restoreFolder(folder: string, events: AsyncIterable<RestoreEvent>): Promise<Restored> {
  await storing(`Opening ${folder}`, async () => {
    await makeFolder(folder);
    await requireEmpty(folder);
    await writeFile(join(folder, marker), '', { mode: 0o600 });
  });
  try {
    const { head, end, aside } = await write(folder, events);
    const checked = await check(folder);
    await writeBelonging(folder, head.network);
    await syncFolder(folder);
    await writeFormat(folder);
    await rm(join(folder, marker));
    return { head, end, aside, ...checked };
  } catch (error) {
    await clear(folder);
    await rm(join(folder, marker), { force: true });
    throw error;
  }
}

async function requireEmpty(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.includes(marker) && !names.includes(formatFile)) return clear(folder);
  const foreign = names.find((name) => !harmless.has(name));
  if (foreign === undefined) return;
  throw new SoukError('STORAGE_DENIED', `The folder ${folder} is not empty: it holds ${foreign}.`, { hint: 'Restore into an empty folder, or one that does not exist yet, with --data.', details: { path: folder } });
}

async function clear(folder: string): Promise<void> {
  for (const name of await readdir(folder)) if (!harmless.has(name)) await rm(join(folder, name), { recursive: true, force: true });
}

async function write(folder: string, events: AsyncIterable<RestoreEvent>): Promise<{ head: BackupHead; end: BackupEnd; aside: readonly string[] }> {
  const files = new RestoredFiles(folder);
  let [head, end]: [BackupHead | undefined, BackupEnd | undefined] = [undefined, undefined];
  try {
    for await (const event of events) {
      if (event.kind === 'head') requireUnderstood((head = event.head));
      else if (event.kind === 'entry') await files.begin(event.path);
      else if (event.kind === 'data') await files.write(event.bytes);
      else if (event.kind === 'done') await files.end();
      else end = event.end;
    }
  } finally {
    await files.settled();
  }
  if (!head || !end) throw new SoukError('STORAGE_CORRUPT', 'The backup is not whole.', { hint: 'Use another backup.' });
  return { head, end, aside: files.aside };
}

function requireUnderstood({ dataFolder }: BackupHead): void {
  if (dataFolder <= dataFolderVersion) return;
  throw new SoukError('STORAGE_VERSION', `The backup holds a data folder of version ${dataFolder}; this Souk understands ${dataFolderVersion}.`, {
    hint: 'Restore it by the newer Souk that made it.',
    details: { version: dataFolder, understood: dataFolderVersion },
  });
}

/** Opens what was written as a site would, and checks every record. Blobs were checked against their cids on the way. */
async function check(folder: string): Promise<Pick<Restored, 'records' | 'blobs' | 'findings'>> {
  const logs = await openLogStore(folder);
  const siteLog = await openLogStore(join(folder, siteLogFolder));
  const blobs = await openBlobStore(folder);
  const ledger = new MemoryBlobLedger();
  const findings: Finding[] = [];
  try {
    await ledger.level(blobs.list(), (cid) => blobs.size(cid), 0);
    await new NamedBlobs({ logs, ledger, rule: { fingerprint: '', keeps: async () => false, isOurs: () => true }, pace: async () => undefined }).catchUp();
    for (const store of [logs, siteLog]) for await (const step of checkRecords(store)) if (step.type === 'finding') findings.push(step.finding);
    const broken = findings.find((one) => one.level === 'problem');
    if (broken) throw new SoukError('STORAGE_CORRUPT', `The backup can't be used: ${broken.what} ${broken.why ?? ''}`.trim(), { hint: 'Use another backup. Nothing was restored.', details: { findings } });
    for await (const step of checkReleases(logs, ledger)) if (step.type === 'finding') findings.push(step.finding);
    const { pinned, cached, unnamed } = ledger.usage();
    return { records: (await logs.size()).records, blobs: pinned.blobs + cached.blobs + unnamed.blobs, findings };
  } finally {
    await blobs.close();
    await siteLog.close();
    await logs.close();
  }
}
