import type { KeyId } from '../id/key-id.ts';
import { toHex } from '../id/bytes.ts';
import type { BlobLedger, NamedBlob } from '../ports/blob-ledger.ts';
import type { LogStore, StoredRecord } from '../ports/log-store.ts';
import { namedBlob } from './named-blob.ts';
import type { NamedSpan } from './named-span.ts';
import type { NamedRelease, PinRule } from './pin-rule.ts';

/** What following the records needs. */
export interface NamedBlobsNeeds {
  readonly logs: Pick<LogStore, 'since' | 'read' | 'size' | 'writers' | 'addWriters'>;
  readonly ledger: Pick<BlobLedger, 'name' | 'mark' | 'forget'>;
  readonly rule: PinRule;
  /** Called now and then in long work, so that others get a turn. */
  readonly pace: () => Promise<void>;
}

const page = 64;

/**
 * Tells a ledger what the records say of blobs: which of them anybody names, and which were published here. A projection of the logs: it
 * goes on from the ledger's mark, and begins anew when the mark is of other logs or of another rule.
 */
export class NamedBlobs {
  readonly #needs: NamedBlobsNeeds;
  readonly #writers = new Set<KeyId>();
  /** How many of the writers, in their order, had their older records looked at. */
  #adopted = 0;
  #at = { arrival: 0, hash: '' };
  #opened = false;
  /** One piece of work after the other. */
  #tail: Promise<void> = Promise.resolve();

  constructor(needs: NamedBlobsNeeds) {
    this.#needs = needs;
  }

  /** Takes over every record that is held. Throws what the stores throw. */
  catchUp(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#open();
      await this.#adopt();
      for (;;) {
        const records = await this.#needs.logs.since(this.#at.arrival, page);
        await this.#take(records);
        if (records.length < page) return;
        await this.#needs.pace();
      }
    });
  }

  /** Takes over records that were just appended, in the order of their arrival; reads again what it missed before them. */
  async told(records: readonly StoredRecord[]): Promise<void> {
    const isNext = await this.#inTurn(async () => {
      const news = records.filter((one) => one.arrival > this.#at.arrival);
      const isGapless = news.every((one, index) => one.arrival === this.#at.arrival + 1 + index);
      if (this.#opened && isGapless) await this.#take(news);
      return this.#opened && isGapless;
    });
    if (!isNext) await this.catchUp();
  }

  /** Takes over what another thread read of records that it just appended; reads what it missed before them. */
  async toldSpan({ first, last, hash, releases }: NamedSpan): Promise<void> {
    const isNext = await this.#inTurn(async () => {
      const follows = this.#opened && first === this.#at.arrival + 1;
      if (follows) await this.#takeOver(releases, { arrival: last, hash });
      return follows || (this.#opened && last <= this.#at.arrival);
    });
    if (!isNext) await this.catchUp();
  }

  /** Notes that these keys write here, before anything of theirs is acknowledged. Durable when it resolves. */
  async writes(keys: Iterable<KeyId>): Promise<void> {
    const news = [...keys].filter((key) => !this.#writers.has(key));
    if (this.#opened && news.length === 0) return;
    await this.#inTurn(async () => {
      await this.#open();
      await this.#needs.logs.addWriters(news);
      await this.#adopt();
    });
  }

  async #open(): Promise<void> {
    if (this.#opened) return;
    const { logs, ledger, rule } = this.#needs;
    const mark = await ledger.mark();
    const [newest] = mark && mark.arrival > 0 ? await logs.since(mark.arrival - 1, 1) : [];
    const [fingerprint, adopted] = splitRule(mark?.rule ?? '');
    const isOfTheseLogs = mark !== undefined && (mark.arrival === 0 || (newest !== undefined && toHex(newest.record.hash) === mark.hash));
    const writers = await logs.writers();
    if (isOfTheseLogs && fingerprint === rule.fingerprint && adopted <= writers.length) {
      this.#at = mark;
      this.#adopted = adopted;
      for (const key of writers.slice(0, adopted)) this.#writers.add(key);
    } else if (mark) {
      await ledger.forget();
    }
    this.#opened = true;
  }

  /** Whoever writes here now may have published elsewhere before: those records count too. */
  async #adopt(): Promise<void> {
    const writers = await this.#needs.logs.writers();
    if (writers.length === this.#adopted) return;
    for (const key of writers.slice(this.#adopted)) {
      this.#writers.add(key);
      // Nothing was taken over yet, so these come with everything else.
      if (this.#at.arrival === 0) continue;
      for (let from = 0; ; from += page) {
        const records = await this.#needs.logs.read(key, from, page);
        await this.#needs.ledger.name(await this.#judge(releasesIn(records)));
        if (records.length < page) break;
        await this.#needs.pace();
      }
    }
    this.#adopted = writers.length;
    await this.#needs.ledger.name([], this.#mark);
  }

  async #take(records: readonly StoredRecord[]): Promise<void> {
    const newest = records.at(-1);
    if (newest) await this.#takeOver(releasesIn(records), { arrival: newest.arrival, hash: toHex(newest.record.hash) });
  }

  async #takeOver(releases: readonly NamedRelease[], at: { readonly arrival: number; readonly hash: string }): Promise<void> {
    await this.#needs.ledger.name(await this.#judge(releases), { ...this.#mark, ...at });
    this.#at = at;
  }

  async #judge(releases: readonly NamedRelease[]): Promise<NamedBlob[]> {
    const blobs: NamedBlob[] = [];
    for (const release of releases) blobs.push({ cid: release.cid, as: await this.#reasonFor(release) });
    return blobs;
  }

  async #reasonFor(release: NamedRelease): Promise<NamedBlob['as']> {
    const { rule } = this.#needs;
    const isPublished = this.#writers.has(release.key);
    if (isPublished && rule.isOurs(release.cid)) return 'published';
    if (await rule.keeps(release)) return 'policy';
    return isPublished ? 'elsewhere' : 'known';
  }

  get #mark(): { arrival: number; hash: string; rule: string } {
    return { ...this.#at, rule: `${this.#needs.rule.fingerprint}#${this.#adopted}` };
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(work);
    this.#tail = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }
}

function releasesIn(records: readonly StoredRecord[]): NamedRelease[] {
  return records.flatMap(({ record }) => namedBlob(record) ?? []);
}

function splitRule(text: string): [fingerprint: string, adopted: number] {
  const at = text.lastIndexOf('#');
  return [text.slice(0, at), Number(text.slice(at + 1))];
}
