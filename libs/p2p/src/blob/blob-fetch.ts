import type { BlobFrame } from '@souk/contracts';
import { abortError, isSoukError, sameBytes, sha256Of, SoukError, toHex } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import { wait } from '../node/bandwidth.ts';
import { Bell } from '../node/bell.ts';
import { elapsed } from '../node/waiting.ts';
import { readSlice } from './blob-client.ts';
import { ChunkBoard, type Lane } from './chunk-board.ts';
import type { FetchNeeds } from './fetch-needs.ts';
import { sliceOf, type FetchPlan } from './fetch-plan.ts';
import { LateProviders } from './late-providers.ts';
import { better, withoutStream, type Provider } from './provider.ts';
import { outcomeOf, Tallies } from './tallies.ts';

/** Chunks in memory beyond the first one that is missing. */
const window = 6;
/** For how long a stream is kept while it is not this fetch's turn, in milliseconds. */
const silenceMs = 1000;
/** Streams to one provider, while it is the only one. */
const lanesOfOne = 2;

/** Brings one blob here: chunks from several providers at once, each checked, written in order, the whole checked by the draft's commit. */
export class BlobFetch {
  readonly tallies = new Tallies();
  readonly #plan: FetchPlan;
  readonly #needs: FetchNeeds;
  readonly #board: ChunkBoard;
  readonly #bell = new Bell();
  readonly #stop = new AbortController();
  readonly #candidates: Provider[] = [];
  readonly #lanes = new Map<Lane, Promise<void>>();
  readonly #known = new Set<string>();
  readonly #ready = new Map<number, Uint8Array>();
  readonly #late = new LateProviders();
  #writing: Promise<void> = Promise.resolve();
  #next = 0;
  #verified = 0;
  #nearDone = false;
  #searching = true;
  #failure: Error | undefined;
  #draftFailed = false;

  constructor(plan: FetchPlan, needs: FetchNeeds) {
    this.#plan = plan;
    this.#needs = needs;
    this.#board = new ChunkBoard(plan.chunks.length, { window, hedgeMs: needs.limits.hedgeMs });
  }

  /** Peers that were said to have the blob. */
  get found(): number {
    return this.#known.size;
  }

  /** Fetches and writes every chunk. Throws NO_PROVIDER when nobody is left to ask, CANCELLED or TIMEOUT by the signal, and what the draft throws. */
  async run(signal: AbortSignal): Promise<void> {
    const onAbort = (): void => this.#fail(abortError(signal, 'Fetching the blob'));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    await this.#takeLeft();
    const search = Promise.allSettled([this.#search(), this.#searchAgain()]);
    try {
      while (!this.#board.finished && !this.#failure) {
        this.#staff();
        if (!this.#idle || this.#searching) await this.#bell.wait();
        else if (!(await this.#dialAgain(signal))) this.#fail(new SoukError('NO_PROVIDER', `No peer could deliver the blob ${this.#plan.cid}.`));
      }
      await this.#writing;
      if (isSoukError(this.#failure) && this.#failure.code === 'NO_PROVIDER') await this.#crossExamine();
      if (this.#failure) throw this.#failure;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#noteStalled();
      this.#stop.abort();
      // Who waits for news, be it the search while a candidate is left over, hears that there will be none.
      this.#bell.ring();
      for (const { stream } of this.#candidates) void stream?.close();
      await Promise.allSettled([search, ...this.#lanes.values()]);
    }
  }

  /** Goes on where an attempt before this one ended: chunks of it that have their hashes are written, up to the first that has not. */
  async #takeLeft(): Promise<void> {
    const { draft } = this.#needs;
    let rest: Uint8Array = new Uint8Array();
    try {
      for await (const piece of draft.left()) {
        rest = Buffer.concat([rest, piece]);
        for (let hash = this.#plan.chunks[this.#next]; hash; hash = this.#plan.chunks[this.#next]) {
          const { length } = sliceOf(this.#plan, this.#next);
          if (rest.length < length) break;
          if (!sameBytes(sha256Of(rest.subarray(0, length)), hash)) return;
          await draft.write(rest.subarray(0, length));
          rest = rest.subarray(length);
          this.#board.complete(this.#next);
          this.#next += 1;
          this.#verified += length;
          this.#board.wrote(this.#next);
        }
      }
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
    if (this.#verified > 0) this.#needs.progress(this.#verified, 0);
  }

  get #idle(): boolean {
    return this.#lanes.size === 0 && this.#candidates.length === 0;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#bell.ring();
  }

  async #search(): Promise<void> {
    try {
      const near = this.#gather(this.#needs.near(this.#stop.signal)).finally(() => {
        this.#nearDone = true;
        this.#bell.ring();
      });
      const late = Date.now() + this.#needs.limits.hedgeMs;
      while (!this.#stop.signal.aborted && !(this.#idle && (this.#nearDone || Date.now() >= late))) await this.#bell.wait(this.#nearDone ? undefined : Math.max(1, late - Date.now()));
      if (!this.#stop.signal.aborted) await this.#gather(this.#needs.far(this.#stop.signal));
      await near;
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#fail(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#searching = false;
      this.#bell.ring();
    }
  }

  /** A blob that many want at once is soon at many: whoever has it meanwhile serves the rest. */
  async #searchAgain(): Promise<void> {
    const { again, limits } = this.#needs;
    const { signal } = this.#stop;
    while (await elapsed(limits.searchAgainMs, signal)) {
      const serving = new Set([...this.#lanes.keys()].map(({ peer }) => peer)).size;
      // What goes wrong here goes wrong beside a fetch that is under way.
      if (serving > 0 && serving < limits.providersPerFetch) await this.#gather(again(signal, this.#known)).catch(() => undefined);
    }
  }

  async #gather(providers: AsyncIterable<Provider>): Promise<void> {
    for await (const provider of providers) {
      const isWanted = !this.#stop.signal.aborted && !this.#known.has(provider.peer);
      if (!isWanted) void provider.stream?.close();
      if (this.#stop.signal.aborted) return;
      if (!isWanted) continue;
      this.#known.add(provider.peer);
      this.#candidates.push(provider);
      this.#candidates.sort(better);
      this.#bell.ring();
    }
  }

  /** Gives work to as many providers as may serve at once. */
  #staff(): void {
    const { providersPerFetch } = this.#needs.limits;
    while (this.#lanes.size < providersPerFetch) {
      const next = this.#candidates.shift();
      if (!next) break;
      this.#begin(next.peer, next.stream);
    }
    // Whoever is not needed now is asked anew when it is: a server does not keep silent streams for long.
    for (const one of this.#candidates.splice(0)) this.#candidates.push(withoutStream(one));
    const [only] = this.#lanes.keys();
    if (only && this.#nearDone && !this.#failed(only.peer) && this.#lanes.size < lanesOfOne && this.#plan.chunks.length > lanesOfOne) this.#begin(only.peer);
  }

  /** Whether there is somebody left to ask after all. */
  async #dialAgain(signal: AbortSignal): Promise<boolean> {
    const late = await this.#late.again(signal);
    for (const peer of late) delete this.tallies.of(peer).outcome;
    this.#candidates.push(...late.map((peer) => ({ peer, score: 0, latencyMs: Infinity })));
    return late.length > 0;
  }

  #failed(peer: string): boolean {
    return this.tallies.of(peer).outcome !== undefined;
  }

  #begin(peer: string, stream?: Channel<BlobFrame>): void {
    const lane: Lane = { peer };
    const work = this.#work(lane, stream).finally(() => {
      this.#board.release(lane);
      this.#lanes.delete(lane);
      this.#bell.ring();
    });
    this.#lanes.set(lane, work);
  }

  /** Fetches chunks from one provider until there are none left or it fails; begins on the stream that is open already, if there is one. */
  async #work(lane: Lane, stream: Channel<BlobFrame> | undefined): Promise<void> {
    const { signal } = this.#stop;
    let channel = stream;
    try {
      while (!this.#board.finished && !signal.aborted && !this.#failed(lane.peer)) {
        const index = this.#board.take(lane, Date.now());
        if (index === undefined) {
          // A server ends a stream that stays silent, so none is held open while there is nothing to ask. What changed meanwhile is looked at before waiting.
          if (channel) await channel.close();
          else await this.#bell.wait(this.#board.untilLate(lane, Date.now()));
          channel = undefined;
          continue;
        }
        const turn = this.#needs.down?.reserve(sliceOf(this.#plan, index).length) ?? 0;
        // A server ends a stream that stays silent for long.
        if (turn > silenceMs) await channel?.close();
        if (turn > silenceMs) channel = undefined;
        if (lane.reading) lane.reading.since += turn;
        await wait(turn, signal);
        channel ??= await this.#needs.open(lane.peer, signal);
        await this.#fetchChunk(channel, lane, index);
        this.#board.release(lane);
      }
      await channel?.close();
    } catch (error) {
      channel?.abort(error instanceof Error ? error : new Error(String(error)));
      const outcome = signal.aborted ? undefined : outcomeOf(error);
      if (outcome) this.tallies.of(lane.peer).outcome = outcome;
      this.#late.note(lane.peer, error);
    }
  }

  async #fetchChunk(channel: Channel<BlobFrame>, lane: Lane, index: number): Promise<void> {
    const { reading } = lane;
    if (reading) Object.assign(reading, { since: Date.now(), asked: true });
    const received = (bytes: number): void => {
      if (reading) reading.received += bytes;
    };
    const tally = this.tallies.of(lane.peer);
    const bytes = await readSlice(channel, { cid: this.#plan.cid, ...sliceOf(this.#plan, index), signal: this.#stop.signal, received }, this.#needs.limits);
    const hash = sha256Of(bytes);
    if (!sameBytes(hash, this.#plan.chunks[index] as Uint8Array)) {
      this.tallies.wrong(index, toHex(hash), lane.peer);
      throw new SoukError('CID_MISMATCH', `The peer delivered wrong bytes for chunk ${index}.`);
    }
    tally.bytes += bytes.length;
    if (this.#board.complete(index)) this.#accept(index, bytes);
  }

  #accept(index: number, bytes: Uint8Array): void {
    this.#ready.set(index, bytes);
    this.#verified += bytes.length;
    this.#needs.progress(this.#verified, this.tallies.good.length);
    this.#writing = this.#writing
      .then(() => this.#writeReady())
      .catch((error: unknown) => {
        this.#draftFailed = true;
        this.#fail(error instanceof Error ? error : new Error(String(error)));
      });
    this.#bell.ring();
  }

  /** Also of a fetch that has failed: the next attempt goes on behind what is written. */
  async #writeReady(): Promise<void> {
    for (let bytes = this.#ready.get(this.#next); bytes && !this.#draftFailed; bytes = this.#ready.get(this.#next)) {
      await this.#needs.draft.write(bytes);
      this.#ready.delete(this.#next);
      this.#next += 1;
      this.#board.wrote(this.#next);
      this.#bell.ring();
    }
  }

  /** Asks one refused provider for a chunk that another was refused for: if both deliver the same, not they but the release is wrong. */
  async #crossExamine(): Promise<void> {
    const [first] = this.tallies.agreedOnWrong ? [] : this.tallies.unconfirmed;
    const [witness] = first?.others ?? [];
    if (!first || witness === undefined) return;
    try {
      const channel = await this.#needs.open(witness, this.#stop.signal);
      const bytes = await readSlice(channel, { cid: this.#plan.cid, ...sliceOf(this.#plan, first.index), signal: this.#stop.signal }, this.#needs.limits);
      this.tallies.wrong(first.index, toHex(sha256Of(bytes)), witness);
      await channel.close();
    } catch {
      // A witness that does not answer clears nobody.
    }
  }

  /** Who has sent nothing of a chunk that others were asked for because it was late, stalls. */
  #noteStalled(): void {
    for (const { peer, reading } of this.#lanes.keys()) {
      if (reading?.asked && reading.received === 0 && Date.now() - reading.since >= this.#needs.limits.hedgeMs) this.tallies.of(peer).outcome = 'timeout';
    }
  }
}
