import { packageNotFound } from '../catalogue/not-found.ts';
import { readableFact, readFact, SoukError, subject, versionNotFound, type BlobStore, type LogStore, type ReleaseBody, type SiteIntent, type SiteState, type StoredRecord, type TakedownSubject, type VerifiedRecord } from '@souk/domain';
import { Pace } from '../pace.ts';

/** What a keeper of takedowns works on. */
export interface TakedownKeeperNeeds {
  readonly logs: Pick<LogStore, 'read' | 'since' | 'about' | 'eraseBody'>;
  readonly blobs: Pick<BlobStore, 'delete'>;
  readonly site: { readonly state: SiteState };
}

const page = 500;
/** Most packages that a blob is said to be in. */
const maxNames = 64;

function releaseIn(record: VerifiedRecord): ReleaseBody | undefined {
  if (record.fields.kind !== 'release') return undefined;
  try {
    const fact = readFact(record);
    return fact?.kind === 'release' ? fact.body : undefined;
  } catch {
    return undefined;
  }
}

/** Erases what was taken down, now, at each start, and when it comes in again. Headers stay, so every chain goes on verifying and sync asks for nothing again. */
export class TakedownKeeper {
  readonly #needs: TakedownKeeperNeeds;

  constructor(needs: TakedownKeeperNeeds) {
    this.#needs = needs;
  }

  /** A takedown with all that it concerns here. Throws PACKAGE_NOT_FOUND, VERSION_NOT_FOUND, NOT_FOUND. */
  async resolved(intent: SiteIntent): Promise<SiteIntent> {
    if (intent.kind !== 'takedown') return intent;
    return { kind: 'takedown', body: { ...intent.body, subject: await this.#resolved(intent.body.subject) } };
  }

  /** Erases bodies and blobs; harmless when they are gone. */
  async enforce(taken: TakedownSubject): Promise<void> {
    if (taken.type === 'record') return this.#needs.logs.eraseBody(taken.key, taken.seq);
    for (const cid of taken.type === 'blob' ? [taken.cid] : taken.cids) await this.#needs.blobs.delete(cid);
    for (const name of taken.type === 'blob' ? (taken.names ?? []) : [taken.name]) await this.screen(await this.#about(name));
  }

  /** Enforces all that was ever taken down: a crash may have come in between. */
  async enforceAll(): Promise<void> {
    for (const { subject: taken } of this.#needs.site.state.takedowns.list()) await this.enforce(taken);
  }

  /** Erases bodies among records that have just come in, or are looked through again. */
  async screen(records: readonly StoredRecord[]): Promise<void> {
    const { takedowns } = this.#needs.site.state;
    if (!takedowns.any) return;
    for (const { record } of records) {
      const release = releaseIn(record);
      const { seq } = record.fields;
      const isTaken = takedowns.ofRecord(record.key, seq) ?? (release && (takedowns.ofVersion(release.name, release.version) ?? takedowns.ofBlob(release.cid)));
      if (isTaken) await this.#needs.logs.eraseBody(record.key, seq);
    }
  }

  async #resolved(wanted: TakedownSubject): Promise<TakedownSubject> {
    if (wanted.type === 'blob') return { type: 'blob', cid: wanted.cid, names: await this.#namesOf(wanted.cid) };
    if (wanted.type === 'record') {
      const held = (await this.#needs.logs.read(wanted.key, wanted.seq, 1))[0];
      if (held?.record.fields.seq !== wanted.seq) throw new SoukError('NOT_FOUND', `The record ${wanted.seq} of ${wanted.key} is not here.`);
      const fact = readableFact(held.record);
      const names = fact?.kind === 'release' || fact?.kind === 'tag' || fact?.kind === 'retract' ? [fact.body.name] : [];
      return { type: 'record', key: wanted.key, seq: wanted.seq, names };
    }
    const releases = (await this.#about(wanted.name)).flatMap(({ record }) => releaseIn(record) ?? []);
    if (releases.length === 0) throw packageNotFound(wanted.name);
    const cids = [...new Set(releases.filter((one) => one.version === wanted.version).map((one) => one.cid))];
    if (cids.length === 0) throw versionNotFound(wanted.name, wanted.version, { versions: [...new Set(releases.map((one) => one.version))], tags: {} });
    return { ...wanted, cids: cids.slice(0, maxNames) };
  }

  async #about(name: string): Promise<StoredRecord[]> {
    const all: StoredRecord[] = [];
    for (;;) {
      const next = await this.#needs.logs.about(subject.ofPackage(name), all.at(-1)?.arrival ?? 0, page);
      all.push(...next);
      if (next.length < page) return all;
    }
  }

  /** The packages with a release of a blob: every record is looked at, which nothing but a takedown needs. */
  async #namesOf(cid: string): Promise<ReleaseBody['name'][]> {
    const names = new Set<ReleaseBody['name']>();
    const pace = new Pace();
    for (let arrival = 0; ; ) {
      const records = await this.#needs.logs.since(arrival, page);
      for (const { record } of records) {
        const release = releaseIn(record);
        if (release?.cid === cid) names.add(release.name);
        await pace.step();
      }
      arrival = records.at(-1)?.arrival ?? arrival;
      if (records.length < page) return [...names].slice(0, maxNames);
    }
  }
}
