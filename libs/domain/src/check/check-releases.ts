import type { Cid } from '../id/cid.ts';
import type { BlobLedger } from '../ports/blob-ledger.ts';
import type { LogStore } from '../ports/log-store.ts';
import { namedBlob } from '../retention/named-blob.ts';
import type { NamedRelease } from '../retention/pin-rule.ts';
import { found, type CheckStep } from './finding.ts';

const page = 500;
/** Most missing blobs that are told of one by one. */
const maxTold = 100;

async function missingHere(ledger: Pick<BlobLedger, 'published'>): Promise<{ total: number; missing: Set<Cid> }> {
  const missing = new Set<Cid>();
  let total = 0;
  for (let after: Cid | undefined; ; ) {
    const blobs = await ledger.published(after, page);
    for (const { cid, isHere } of blobs) if (!isHere) missing.add(cid);
    total += blobs.length;
    after = blobs.at(-1)?.cid;
    if (blobs.length < page) return { total, missing };
  }
}

async function releasesOf(logs: Pick<LogStore, 'since'>, cids: ReadonlySet<Cid>): Promise<NamedRelease[]> {
  const releases: NamedRelease[] = [];
  for (let arrival = 0; releases.length < maxTold; ) {
    const records = await logs.since(arrival, page);
    for (const { record } of records) {
      const release = namedBlob(record);
      if (release && cids.has(release.cid)) releases.push(release);
    }
    arrival = records.at(-1)?.arrival ?? arrival;
    if (records.length < page) break;
  }
  return releases.slice(0, maxTold);
}

/** Looks for releases that were published here and whose blobs are not here: perhaps nobody else has them. */
export async function* checkReleases(logs: Pick<LogStore, 'since'>, ledger: Pick<BlobLedger, 'published'>): AsyncGenerator<CheckStep> {
  const { total, missing } = await missingHere(ledger);
  for (const { name, version, cid } of missing.size === 0 ? [] : await releasesOf(logs, missing)) {
    yield found({
      check: 'releases',
      level: 'problem',
      what: `${name}@${version} was published here, but its blob ${cid} is not here.`,
      why: 'It was lost with a damaged disk, or deleted by hand.',
      todo: `Have it fetched from another peer by souk install ${name}@${version}, publish the same files again, or restore a backup.`,
    });
  }
  if (missing.size > maxTold) yield found({ check: 'releases', level: 'problem', what: `${missing.size} blobs in all that were published here are not here.`, todo: 'Restore a backup.' });
  yield { type: 'checked', check: 'releases', done: total, total };
}
