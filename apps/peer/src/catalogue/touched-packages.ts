import { readableFact, subject, type KeyId, type LogStore, type StoredRecord } from '@souk/domain';
import { Pace } from '../pace.ts';
import { maxTouched } from './change-place.ts';
import { rootKeysOf } from './root-keys.ts';

type Logs = Pick<LogStore, 'read' | 'about' | 'subjects' | 'fork'>;

const page = 500;
/** Most records that are read at once: they are parsed without a pause. */
const maxRead = 64;

/** Packages that a key wrote about in records that arrived before `arrival`. Later ones announce themselves. */
export async function packagesOf(logs: Logs, key: KeyId, arrival: number, into: Set<string>): Promise<void> {
  const pace = new Pace();
  // Most keys have written nothing yet when their root speaks of them, so the first reads are small.
  for (let from = 0, limit = 4; ; from += limit, limit = Math.min(2 * limit, maxRead)) {
    await pace.step();
    const records = await logs.read(key, from, limit);
    for (const stored of records) {
      if (stored.arrival >= arrival) return;
      const fact = readableFact(stored.record);
      if (fact?.kind === 'release' || fact?.kind === 'tag' || fact?.kind === 'retract') into.add(fact.body.name);
    }
    if (records.length < limit) return;
  }
}

/** Packages of a root and of every key that it delegated. */
export async function packagesUnder(logs: Logs, root: KeyId, arrival: number, into: Set<string>): Promise<void> {
  await packagesOf(logs, root, arrival, into);
  const prefix = subject.ofGrant(root, '' as KeyId);
  for (let after: string | undefined; ; ) {
    const found = await logs.subjects(prefix, after, page);
    for (const one of found) await packagesOf(logs, one.slice(prefix.length) as KeyId, arrival, into);
    after = found.at(-1);
    if (found.length < page) return;
  }
}

/**
 * The packages whose state a record may change, in ascending order: those that it names, and for records about keys those that the
 * keys wrote about before it arrived.
 */
export async function touchedPackages(logs: Logs, stored: StoredRecord): Promise<readonly string[]> {
  const { record, arrival } = stored;
  const names = new Set<string>();
  const fact = readableFact(record);
  switch (fact?.kind) {
    case 'release':
    case 'tag':
    case 'retract':
      return [fact.body.name];
    case 'delegate':
    case 'revoke':
      await packagesOf(logs, fact.body.key, arrival, names);
      break;
    case 'inception':
    case 'rotate':
      for (const root of await rootKeysOf(logs, fact.body.rootKey)) await packagesUnder(logs, root, arrival, names);
      break;
    default:
  }
  return [...names].sort().slice(0, maxTouched);
}
