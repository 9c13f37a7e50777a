import { readBackup, type BackupEntry, type BackupEvent } from '@souk/archive';
import { routes, type BackupHead } from '@souk/contracts';
import { SoukError } from '@souk/domain';
import type { Context } from '../context.ts';

/** Where a backup comes from. */
export interface BackupSource {
  readonly head: BackupHead;
  readonly entries: AsyncIterable<BackupEntry>;
  /** Ends what the source holds open. */
  close(): Promise<void>;
}

/** Longest that a backup over HTTP may take, said in bytes at 16 kB/s: some days. */
const patience = 8e9;

async function* dataOf(events: AsyncIterator<BackupEvent>): AsyncGenerator<Uint8Array> {
  for (let next = await events.next(); !next.done && next.value.kind === 'data'; next = await events.next()) yield next.value.bytes;
}

async function* entriesOf(events: AsyncIterator<BackupEvent>): AsyncGenerator<BackupEntry> {
  for (let next = await events.next(); !next.done; next = await events.next()) {
    if (next.value.kind === 'entry') yield { path: next.value.path, size: next.value.size, bytes: dataOf(events) };
  }
}

/** A running site as source. What it sends is checked on the way, as any backup is. */
export async function siteSource(context: Context, cached: boolean): Promise<BackupSource> {
  const bytes = await (await context.gateway()).download(routes.getBackup, { query: { cached: cached ? 'yes' : 'no' } }, patience);
  const events = readBackup(bytes, context.host.signal);
  const first = await events.next();
  if (first.done || first.value.kind !== 'head') throw new SoukError('UNTRUSTED_ANSWER', 'The site did not send a backup.', { hint: 'Is that address a Souk site, and of this version?' });
  return { head: first.value.head, entries: entriesOf(events), close: async () => void (await events.return(undefined)) };
}
