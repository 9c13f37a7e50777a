import { readableFact, readWriter, scopeOf, storedEvidence, subject, toHex, type FollowList, type KeyId, type LogStore, type SignedRecord, type StoredRecord, type VerifiedRecord } from '@souk/domain';
import { frameCost, type Evidence, type SourceOptions } from '@souk/p2p';
import { rootKeysOf } from '../catalogue/root-keys.ts';
import { Pace } from '../pace.ts';

/** The logs that answers are made from. */
export type EvidenceLogs = Pick<LogStore, 'read' | 'about' | 'fork' | 'subjects'>;

const page = 500;
/** Most records about one package that are looked at, and most names of a scope, grants of a root. */
const maxAbout = 20_000;
const maxNames = 1000;
const maxGrants = 1000;

/** Records for one answer, each once, up to a number of bytes. */
export class Gathered {
  readonly #records = new Map<string, SignedRecord>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get records(): SignedRecord[] {
    return [...this.#records.values()];
  }

  /** Adds all of them, or none when they do not fit; whether they are in. */
  takes(records: readonly VerifiedRecord[]): boolean {
    const news = new Map(records.map((one) => [toHex(one.hash), one] as const).filter(([hash]) => !this.#records.has(hash)));
    const bytes = [...news.values()].reduce((sum, one) => sum + frameCost(one), 0);
    if (this.#bytes + bytes > this.#maxBytes) return false;
    for (const [hash, one] of news) this.#records.set(hash, one);
    this.#bytes += bytes;
    return true;
  }
}

/** The records behind a key: what shows for whom it writes, and up to where. */
export async function behindKey(logs: EvidenceLogs, key: KeyId): Promise<VerifiedRecord[]> {
  const [first] = await logs.read(key, 0, 1);
  const { proof } = await readWriter(storedEvidence(logs), key);
  return [...(first ? [first.record] : []), ...proof];
}

/** All that says something about packages. A name that does not fit any more is left for later, with those behind it; of one that alone is too much, the newest records. */
export async function evidenceOfPackages(logs: EvidenceLogs, names: readonly string[], { maxBytes, signal }: SourceOptions): Promise<Evidence> {
  const gathered = new Gathered(maxBytes);
  const pace = new Pace();
  for (const [index, name] of names.entries()) {
    signal.throwIfAborted();
    await pace.step();
    const about = await newestAbout(logs, name, maxBytes * 0.75, signal);
    const behind: VerifiedRecord[] = [];
    for (const key of new Set(about.map((one) => one.key))) behind.push(...(await behindKey(logs, key)));
    if (!gathered.takes([...behind, ...about]) && index > 0) return { records: gathered.records, later: names.slice(index) };
  }
  return { records: gathered.records };
}

/** The newest readable records about a package that fit into so many bytes, in the order in which they arrived. */
async function newestAbout(logs: EvidenceLogs, name: string, maxBytes: number, signal: AbortSignal): Promise<VerifiedRecord[]> {
  const records: VerifiedRecord[] = [];
  let [after, read, bytes] = [0, 0, 0];
  for (let some: readonly StoredRecord[] = []; read < maxAbout; read += some.length) {
    signal.throwIfAborted();
    some = await logs.about(subject.ofPackage(name), after, page);
    for (const { record } of some) {
      if (record.body === undefined) continue;
      records.push(record);
      bytes += frameCost(record);
      while (bytes > maxBytes) bytes -= frameCost(records.shift() as VerifiedRecord);
    }
    if (some.length < page) break;
    after = some.at(-1)?.arrival ?? after;
  }
  return records;
}

/** What shows which logs a list means: the keys of its publishers and of whoever published one of its names, with one release of each of them. */
export async function evidenceOfList(logs: EvidenceLogs, list: FollowList, { maxBytes, signal }: SourceOptions): Promise<Evidence> {
  const gathered = new Gathered(maxBytes);
  const pace = new Pace();
  const told = new Set<KeyId>();
  const tell = async (publisher: KeyId): Promise<void> => {
    if (told.has(publisher)) return;
    told.add(publisher);
    gathered.takes(await keysOf(logs, publisher, signal));
  };
  for (const publisher of list.publishers) await tell(publisher);
  for (const entry of list.names) {
    const known = new Set<KeyId>();
    for (const name of entry.endsWith('/*') ? await namesOf(logs, entry) : [entry]) {
      signal.throwIfAborted();
      await pace.step();
      for (const { record } of await logs.about(subject.ofPackage(name), 0, page)) {
        if (known.has(record.key) || readableFact(record)?.kind !== 'release') continue;
        known.add(record.key);
        const { publisher } = await readWriter(storedEvidence(logs), record.key);
        if (publisher === undefined) continue;
        gathered.takes([...(await behindKey(logs, record.key)), record]);
        await tell(publisher);
      }
    }
  }
  return { records: gathered.records };
}

/** The names that are published in a scope, `@team/*`. */
async function namesOf(logs: EvidenceLogs, scope: string): Promise<string[]> {
  const prefix = subject.ofPackage('');
  const names = (await logs.subjects(prefix + scope.slice(0, -1), undefined, maxNames)).map((one) => one.slice(prefix.length));
  return names.filter((name) => scopeOf(name) !== undefined);
}

/** What shows the keys of a publisher: the first records of its roots, their delegations and revocations, and the first records of who was delegated. */
async function keysOf(logs: EvidenceLogs, publisher: KeyId, signal: AbortSignal): Promise<VerifiedRecord[]> {
  const records: VerifiedRecord[] = [];
  for (const root of await rootKeysOf(logs, publisher)) {
    records.push(...(await behindKey(logs, root)));
    for (const grant of await logs.subjects(subject.ofGrant(root, '' as KeyId), undefined, maxGrants)) {
      signal.throwIfAborted();
      const key = grant.slice(subject.ofGrant(root, '' as KeyId).length) as KeyId;
      records.push(...(await logs.about(grant, 0, page)).map((one) => one.record), ...(await behindKey(logs, key)));
    }
  }
  return records;
}
