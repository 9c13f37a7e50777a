import { randomBytes } from 'node:crypto';
import { keyId, requireIntent, sign, signBytes, signerOf, SiteState, SoukError, toWire, type KeyId, type KeyStore, type LogStore, type Signer, type SiteIntent, type VerifiedRecord, type WireRecord } from '@souk/domain';
import PQueue from 'p-queue';
import { fitting, MessageBudget } from '../message-budget.ts';

/** The name of the site's key in the key store of its primary. */
export const siteKeyName = 'site';

const page = 1000;

/** What a site log works on. */
export interface SiteLogNeeds {
  readonly store: Pick<LogStore, 'append' | 'read' | 'heads' | 'since' | 'size'>;
  readonly keys: Pick<KeyStore, 'get' | 'create'>;
  /** Whether this peer is the one that writes: the primary of its site. */
  readonly isWriter: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What was appended, in order. */
export type SiteListener = (added: readonly VerifiedRecord[]) => Promise<void>;

/**
 * The site log as its peer keeps it: one log, signed by the site's own key, in a store that nothing reads which talks to other peers. The key is
 * made when something is written for the first time.
 */
export class SiteLog {
  #state = new SiteState();
  readonly #needs: SiteLogNeeds;
  readonly #turns = new PQueue({ concurrency: 1 });
  readonly #listeners: SiteListener[] = [];
  #signer: Signer | undefined;
  #key: KeyId | undefined;
  #last: VerifiedRecord | undefined;
  #isWriter: boolean;

  private constructor(needs: SiteLogNeeds) {
    this.#needs = needs;
    this.#isWriter = needs.isWriter;
  }

  /**
   * Reads the whole log. A primary whose store holds a log but not its key, as after a restore without keys, says all of it again under a
   * new key. Throws STORAGE_CORRUPT, STORAGE_DENIED, STORAGE_FULL.
   */
  static async open(needs: SiteLogNeeds): Promise<SiteLog> {
    const log = new SiteLog(needs);
    await log.#begin();
    return log;
  }

  /** What the log says now. */
  get state(): SiteState {
    return this.#state;
  }

  /** From now on this peer is the one that writes: it holds all that its site acknowledged. Throws what `open` throws. */
  beginWriting(): Promise<void> {
    return this.#turns.add(async () => {
      this.#isWriter = true;
      await this.#begin();
    });
  }

  /** Reads what another peer of the site wrote and the store took over. */
  readOn(): Promise<void> {
    return this.#turns.add(async () => {
      const held = await this.#heldKey();
      if (held === undefined) return;
      if (held !== this.#key) this.#forget(held);
      const added: VerifiedRecord[] = [];
      for await (const record of this.#records(held, this.length)) added.push(record);
      for (const record of added) this.#take(record);
      for (const listener of this.#listeners) await listener(added);
    });
  }

  /** The records from the `after`th on; at most `limit`. */
  async records(after: number, limit: number): Promise<readonly VerifiedRecord[]> {
    return this.#key === undefined ? [] : (await this.#needs.store.read(this.#key, after, limit)).map((one) => one.record);
  }

  /** How many records there are. */
  get length(): number {
    return this.#last === undefined ? 0 : this.#last.fields.seq + 1;
  }

  /** Hears of what was appended, in order, before it is acknowledged. */
  onAppended(listener: SiteListener): void {
    this.#listeners.push(listener);
  }

  /** Records from the `after`th on: at most `limit`, and no more than fit into one message. */
  async read(after: number, limit: number): Promise<{ records: WireRecord[]; length: number }> {
    const records = await this.records(after, limit);
    return { records: fitting(records.map(toWire), new MessageBudget()), length: this.length };
  }

  /**
   * Judges an intent, signs it and appends it; resolves when it is on disk. False when the log says so already.
   * Throws what `requireIntent` throws, UNAVAILABLE at a peer that does not write, STORAGE_FULL.
   */
  append(intent: SiteIntent): Promise<boolean> {
    return this.#turns.add(async () => {
      this.#requireWriter();
      if (!requireIntent(this.state, intent, this.#needs.now())) return false;
      await this.#write([intent]);
      return true;
    });
  }

  /** Appends what this peer itself has to say, when `facts` still finds something to say at its turn. */
  note(facts: (state: SiteState) => readonly { readonly kind: 'bind' | 'unbind' | 'unban'; readonly body: object }[]): Promise<void> {
    return this.#turns.add(async () => {
      const wanted = facts(this.state);
      if (wanted.length > 0 && this.#isWriter) await this.#write(wanted);
    });
  }

  /** Waits for the appends under way. */
  async settled(): Promise<void> {
    await this.#turns.onIdle();
  }

  async #begin(): Promise<void> {
    const { keys, store } = this.#needs;
    const seed = this.#isWriter ? await keys.get(siteKeyName) : undefined;
    if (seed) this.#use(signerOf(seed));
    const held = await this.#heldKey();
    this.#key ??= held;
    const isOther = held !== undefined && held !== this.#key;
    if (this.#isWriter && held !== undefined && (this.#signer === undefined || (isOther && (await store.read(this.#key as KeyId, 0, 1)).length === 0))) await this.#signAnew(held);
    if (this.#key === undefined) return;
    this.#forget(this.#key);
    for await (const record of this.#records(this.#key, 0)) this.#take(record);
  }

  /** Begins to read anew, the log of a key. */
  #forget(key: KeyId): void {
    this.#key = key;
    this.#last = undefined;
    this.#state = new SiteState();
  }

  #requireWriter(): void {
    if (!this.#isWriter) throw new SoukError('UNAVAILABLE', 'This peer does not write the site log; the primary does.', { hint: 'Ask the primary of the site (ordinal 0).' });
  }

  async #write(facts: readonly { readonly kind: SiteIntent['kind']; readonly body: object }[]): Promise<void> {
    const signer = this.#signer ?? (await this.#makeKey());
    const added: VerifiedRecord[] = [];
    const next = (): Parameters<typeof sign>[2] => this.#context(signer, added.at(-1) ?? this.#last);
    if (this.#last === undefined) added.push(sign('inception', { rootKey: keyId(signer.publicKey) }, next()));
    for (const { kind, body } of facts) added.push(sign(kind, body as never, next()));
    await this.#needs.store.append(added);
    for (const record of added) this.#take(record);
    for (const listener of this.#listeners) await listener(added);
  }

  #context(signer: Signer, last: VerifiedRecord | undefined): Parameters<typeof sign>[2] {
    return { signer, head: last && { seq: last.fields.seq, hash: last.hash }, clock: last?.fields.clock ?? 0, at: this.#needs.now() };
  }

  #take(record: VerifiedRecord): void {
    this.#state.take(record);
    this.#last = record;
  }

  #use(signer: Signer): void {
    this.#signer = signer;
    this.#key = keyId(signer.publicKey);
  }

  async #makeKey(): Promise<Signer> {
    const seed = new Uint8Array(randomBytes(32));
    await this.#needs.keys.create(siteKeyName, seed);
    this.#use(signerOf(seed));
    return this.#signer as Signer;
  }

  /** The key whose log arrived last. */
  async #heldKey(): Promise<KeyId | undefined> {
    const { arrival } = await this.#needs.store.size();
    return arrival === 0 ? undefined : (await this.#needs.store.since(arrival - 1, 1))[0]?.record.key;
  }

  async #signAnew(from: KeyId): Promise<void> {
    const signer = this.#signer ?? (await this.#makeKey());
    const again: VerifiedRecord[] = [];
    for await (const { fields, body } of this.#records(from, 0)) {
      const context = { ...this.#context(signer, again.at(-1)), at: fields.at };
      if (fields.seq === 0) again.push(sign('inception', { rootKey: keyId(signer.publicKey) }, context));
      else if (body !== undefined) again.push(signBytes(fields.kind, body, context, { ...fields.ext }));
    }
    await this.#needs.store.append(again);
  }

  async *#records(key: KeyId, first: number): AsyncGenerator<VerifiedRecord> {
    for (let from = first; ; from += page) {
      const records = await this.#needs.store.read(key, from, page);
      for (const { record } of records) yield record;
      if (records.length < page) return;
    }
  }
}
