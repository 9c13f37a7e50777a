import { maxQueried } from '@souk/contracts';
import { CarriedRecords, Catalogue, readableFact, subject, type CataloguePolicy, type Cid, type KeyId, type LogStore, type PackageName, type PackageState, type ReleaseBody, type VerifiedRecord, type Writer } from '@souk/domain';
import { frameCost, type Judgement, type PeerNode, type SuperAnswer } from '@souk/p2p';
import { LRUCache } from 'lru-cache';
import { PackageSource, type NamedVersion } from './package-source.ts';

/** How long an answer counts, in milliseconds: for one installation to go on with what it began with. That nobody knows a name counts for less long. */
const keepMs = 30_000;
const keepNothingMs = 3000;
/** Bytes of records that are remembered. */
const maxBytes = 33_554_432;

/** What asking for packages needs. */
export interface NetworkPackagesNeeds {
  readonly logs: Pick<LogStore, 'about'>;
  /** What is held here. */
  readonly catalogue: Catalogue;
  /** What the site decides: it holds for what others tell too. */
  readonly policy: CataloguePolicy;
  readonly node: Pick<PeerNode, 'ask'>;
  now(): number;
}

/** A package that a super-peer told, as its verified records say. */
interface Told {
  readonly catalogue: Catalogue;
  readonly keys: ReadonlySet<KeyId>;
  readonly blobs: ReadonlyMap<Cid, NamedVersion>;
  readonly bytes: number;
}

/** The packages of a peer that follows a list: those that it holds, and the others as super-peers tell and prove them, remembered for a while and never kept. */
export class NetworkPackages extends PackageSource {
  readonly #needs: NetworkPackagesNeeds;
  readonly #told: LRUCache<string, Told>;

  constructor(needs: NetworkPackagesNeeds) {
    super();
    this.#needs = needs;
    this.#told = new LRUCache({ maxSize: maxBytes, sizeCalculation: (one) => one.bytes + 256, ttl: keepMs, perf: { now: () => needs.now() } });
  }

  async package(name: string): Promise<PackageState | undefined> {
    const held = await this.#needs.catalogue.package(name);
    if (held) return held;
    if (!this.#told.has(name)) await this.#ask([name]);
    return this.#told.get(name)?.catalogue.package(name);
  }

  async writer(key: KeyId): Promise<Writer> {
    const held = await this.#needs.catalogue.writer(key);
    if (held.publisher !== undefined) return held;
    for (const told of this.#told.values()) if (told.keys.has(key)) return told.catalogue.writer(key);
    return held;
  }

  async bring(names: readonly string[], signal: AbortSignal): Promise<void> {
    const wanted: string[] = [];
    for (const name of names) if (!this.#told.has(name) && (await this.#needs.logs.about(subject.ofPackage(name), 0, 1)).length === 0) wanted.push(name);
    for (let at = 0; at < wanted.length; at += maxQueried.names) await this.#ask(wanted.slice(at, at + maxQueried.names), signal);
  }

  versionsOf(cid: Cid): readonly NamedVersion[] {
    return [...this.#told.values()].flatMap((told) => told.blobs.get(cid) ?? []);
  }

  async #ask(names: readonly string[], signal?: AbortSignal): Promise<void> {
    for (let left = names; left.length > 0; ) {
      const asked = left;
      const answer = await this.#needs.node.ask({ t: 'packages?', names: asked as PackageName[] }, { judge: async (one) => judge(one, asked), ...(signal ? { signal } : {}) });
      const told = asked.filter((name) => !answer.later.includes(name));
      this.#remember(told, answer.records);
      left = answer.later;
    }
  }

  #remember(names: readonly string[], records: readonly VerifiedRecord[]): void {
    const { policy, now } = this.#needs;
    const carried = new CarriedRecords(records, now());
    const catalogue = new Catalogue(carried, policy);
    const keys = new Set(carried.keys());
    const blobs = blobsIn(records);
    const known = namesIn(records);
    const bytes = Math.ceil(records.reduce((sum, one) => sum + frameCost(one), 0) / Math.max(1, known.size));
    for (const name of names) {
      if (known.has(name)) this.#told.set(name, { catalogue, keys, blobs, bytes });
      else this.#told.set(name, { catalogue, keys: new Set(), blobs: new Map(), bytes: 0 }, { ttl: keepNothingMs });
    }
  }
}

function namesIn(records: readonly VerifiedRecord[]): Set<string> {
  return new Set(releasesIn(records).map((one) => one.name));
}

function blobsIn(records: readonly VerifiedRecord[]): Map<Cid, NamedVersion> {
  return new Map(releasesIn(records).map(({ cid, name, version }) => [cid, { name, version }]));
}

function releasesIn(records: readonly VerifiedRecord[]): ReleaseBody[] {
  return records.flatMap((record) => {
    const fact = record.fields.kind === 'release' ? readableFact(record) : undefined;
    return fact?.kind === 'release' ? [fact.body] : [];
  });
}

/** A name of which nothing is told may be unknown, or left out. */
function judge({ records, later }: SuperAnswer, asked: readonly string[]): Judgement {
  const known = namesIn(records);
  return asked.every((name) => known.has(name) || later.includes(name)) ? 'enough' : 'thin';
}
