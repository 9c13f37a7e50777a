import { digestOf, namedBlob, readFact, type Catalogue, type Cid, type LogStore, type ReleaseBody, type StoredRecord } from '@souk/domain';
import { Pace } from '../pace.ts';

type Logs = Pick<LogStore, 'since' | 'size'>;

/** Releases of one blob that are remembered, the first ones; more are equal packages under other names. */
const maxOfOne = 16;
const page = 256;

/** Six bytes of the digest: enough to find a blob among millions, and small. Who finds another one looks again. */
const keyOf = (cid: Cid): number => Buffer.from(digestOf(cid)).readUIntBE(0, 6);

/**
 * Finds the releases that name a blob. Reads all records once, when it is first asked, and then on from where it was; keeps a few bytes for
 * each release.
 */
export class KnownReleases {
  readonly #logs: Logs;
  readonly #catalogue: Pick<Catalogue, 'package'>;
  /** Arrivals of the records that name a blob. */
  readonly #arrivals = new Map<number, number | number[]>();
  #at = 0;
  #reading: Promise<void> | undefined;

  constructor(logs: Logs, catalogue: Pick<Catalogue, 'package'>) {
    this.#logs = logs;
    this.#catalogue = catalogue;
  }

  /** The releases that count and are bound to this blob, the first seen first; at most 16. What they say of size and chunks is only said. */
  async of(cid: Cid): Promise<ReleaseBody[]> {
    await this.#catchUp();
    const known = this.#arrivals.get(keyOf(cid)) ?? [];
    const found: ReleaseBody[] = [];
    for (const arrival of typeof known === 'number' ? [known] : known) {
      const release = releaseIn((await this.#logs.since(arrival - 1, 1))[0]);
      if (release?.cid === cid && (await this.#counts(release))) found.push(release);
    }
    return found;
  }

  async #counts({ name, version, cid }: ReleaseBody): Promise<boolean> {
    const state = await this.#catalogue.package(name);
    return state?.publisher !== undefined && state.versions.some((one) => one.version === version && one.release.cid === cid);
  }

  async #catchUp(): Promise<void> {
    while (this.#reading) await this.#reading;
    if ((await this.#logs.size()).arrival <= this.#at) return;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  async #read(): Promise<void> {
    const pace = new Pace();
    for (;;) {
      const records = await this.#logs.since(this.#at, page);
      for (const { record, arrival } of records) {
        const named = namedBlob(record);
        if (named) this.#note(keyOf(named.cid), arrival);
        this.#at = arrival;
        await pace.step();
      }
      if (records.length < page) return;
    }
  }

  #note(key: number, arrival: number): void {
    const known = this.#arrivals.get(key);
    if (known === undefined) this.#arrivals.set(key, arrival);
    else if (typeof known === 'number') this.#arrivals.set(key, [known, arrival]);
    else if (known.length < maxOfOne) known.push(arrival);
  }
}

function releaseIn(stored: StoredRecord | undefined): ReleaseBody | undefined {
  try {
    const fact = stored && readFact(stored.record);
    return fact?.kind === 'release' ? fact.body : undefined;
  } catch {
    return undefined;
  }
}
