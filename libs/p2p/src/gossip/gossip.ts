import { TopicValidatorResult, type GossipSub } from '@libp2p/gossipsub';
import type { PeerId } from '@libp2p/interface';
import { GossipMessage, maxGossipRecord, protocols, type FrameRecord } from '@souk/contracts';
import { decodeCbor, encodeCbor, isSoukError, parseRecord, sameBytes, verify, type LogStore, type SignedRecord, type VerifiedRecord } from '@souk/domain';
import type { PeerLimits } from '../node/peer-limits.ts';
import type { PeerLog } from '../node/peer-log.ts';
import type { Turns } from '../node/turns.ts';
import { frameCost, fromFrame, toBareFrame, toFrame } from '../sync/frame-record.ts';
import type { ChargedIntake } from '../sync/charged-intake.ts';

/** Records of one append. */
const batchRecords = 500;
/** Records of one announcement that are gossiped one by one; of more, only the newest of each log is announced. */
const maxOneByOne = 64;

/** What took longer was not gossip. */
const longestSpreadMs = 600_000;

/** What gossip needs. */
export interface GossipNeeds {
  readonly pubsub: GossipSub;
  readonly logs: LogStore;
  readonly intake: ChargedIntake;
  readonly limits: PeerLimits;
  readonly log: PeerLog;
  /** By whose turn it is that what peers send is judged. */
  readonly turns: Turns;
  /** Asks a peer for what it has, because it knows of a record that can't be appended here yet. */
  ask(peer: string): void;
  /** Hears how long a record that is new here was on its way, in milliseconds, by the clocks of both. */
  heard?(afterMs: number): void;
  /** Hears of a record that the peer should not have sent. */
  blame(peer: string, culprit: FrameRecord): void;
}

interface Arrived {
  readonly record: VerifiedRecord;
  readonly from: string;
}

/** New records, told to everybody at once. For speed only: what is lost or comes out of order is left to sync. */
export class Gossip {
  readonly #needs: GossipNeeds;
  #waiting: Arrived[] = [];
  #flushing: Promise<void> | undefined;
  #isFlushing = false;
  readonly #overflowed = new Set<string>();

  constructor(needs: GossipNeeds) {
    this.#needs = needs;
  }

  /** Joins the topic. */
  start(): void {
    const { pubsub } = this.#needs;
    pubsub.topicValidators.set(protocols.headsTopic, (peer, message) => this.#judge(peer, message.data));
    pubsub.subscribe(protocols.headsTopic);
  }

  /** Whether a peer takes part in gossip. */
  hears(peer: string): boolean {
    return this.#needs.pubsub.getSubscribers(protocols.headsTopic).some((one) => one.toString() === peer);
  }

  /** Whether so many records, brought by that peer, are told to everybody from here: it takes no part in gossip, so nobody else will have heard of them, and they are few enough. */
  spreads(source: string, records: number): boolean {
    return records <= maxOneByOne && !this.hears(source);
  }

  /** Peers that news are passed on to. */
  mesh(): readonly string[] {
    // The type that gossipsub exports leaves this out.
    return (this.#needs.pubsub as GossipSub & { getMeshPeers(topic: string): string[] }).getMeshPeers(protocols.headsTopic);
  }

  /** Waits for what arrived to be on disk. */
  async stop(): Promise<void> {
    await this.#flushing;
  }

  /** Tells everybody of records that are on disk here. */
  async publish(records: readonly VerifiedRecord[]): Promise<void> {
    const newest = new Map(records.map((record) => [record.key, record]));
    const told = records.length <= maxOneByOne ? records : [...newest.values()].slice(0, maxOneByOne);
    for (const record of told) {
      const whole = told === records && frameCost(record) <= maxGossipRecord;
      const message: GossipMessage = { t: 'record', record: whole ? toFrame(record) : toBareFrame(record), told: Date.now() };
      await this.#needs.pubsub.publish(protocols.headsTopic, encodeCbor(message));
    }
  }

  /** Decides what becomes of a message: passed on, dropped, or held against the peer that sent it. */
  async #judge(peer: PeerId, data: Uint8Array): Promise<TopicValidatorResult> {
    const from = peer.toString();
    await this.#needs.turns.take(from);
    const message = parseMessage(data);
    if (!message) return TopicValidatorResult.Reject;
    try {
      if (message.t === 'record') return await this.#judgeRecord(from, fromFrame(message.record), message.told);
      if (!(await this.#holds(message.head))) this.#needs.ask(from);
      return TopicValidatorResult.Ignore;
    } catch (error) {
      if (isSoukError(error) && (error.code === 'BAD_RECORD' || error.code === 'BAD_SIGNATURE')) return this.#refuse(from, message);
      if (!isSoukError(error) || error.code !== 'UPGRADE_NEEDED') this.#needs.log.error('a gossiped record could not be judged', { peer: from, error });
      return TopicValidatorResult.Ignore;
    }
  }

  /** Honest peers pass on nothing that they have not verified, so whoever sent it is to blame: to gossipsub, and as an observation to our own reputation of it. */
  #refuse(from: string, message: GossipMessage): TopicValidatorResult {
    if (message.t === 'record') this.#needs.blame(from, message.record);
    return TopicValidatorResult.Reject;
  }

  async #judgeRecord(from: string, signed: SignedRecord, told: number | undefined): Promise<TopicValidatorResult> {
    const { key, hash, fields } = parseRecord(signed);
    if (await this.#holds({ key, hash, seq: fields.seq })) return TopicValidatorResult.Ignore;
    const intake = this.#needs.intake.from(from);
    // Who has nothing left is not even verified for: that is what costs most.
    if (!(await intake.admitsNext(key))) return TopicValidatorResult.Ignore;
    const record = verify(signed);
    if (told !== undefined) this.#noteSpread(Date.now() - told);
    if (await this.#needs.logs.fork(key)) return TopicValidatorResult.Ignore;
    // What its introducer may not bring now is not passed on either; it comes by sync when it may.
    if (!(await intake.pay(record))) return TopicValidatorResult.Ignore;
    if (record.body === undefined) this.#needs.ask(from);
    else this.#arrive({ record, from });
    return TopicValidatorResult.Accept;
  }

  /** What clocks that differ, or a peer that lies, make of it is left out. */
  #noteSpread(afterMs: number): void {
    if (afterMs >= 0 && afterMs <= longestSpreadMs) this.#needs.heard?.(afterMs);
  }

  async #holds(head: { readonly key: VerifiedRecord['key']; readonly seq: number; readonly hash: Uint8Array }): Promise<boolean> {
    const ours = await this.#needs.logs.head(head.key);
    if (!ours || ours.seq < head.seq) return false;
    const [held] = ours.seq === head.seq ? [{ record: ours }] : await this.#needs.logs.read(head.key, head.seq, 1);
    return held !== undefined && sameBytes(held.record.hash, head.hash);
  }

  #arrive(arrived: Arrived): void {
    if (this.#waiting.length >= this.#needs.limits.gossipBuffer) this.#overflowed.add(arrived.from);
    else this.#waiting.push(arrived);
    if (!this.#isFlushing) this.#flushing = this.#flush();
  }

  /** Appends what waits; what arrives while the disk works goes into the next append. */
  async #flush(): Promise<void> {
    this.#isFlushing = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, batchRecords).toSorted((a, b) => (a.record.key < b.record.key ? -1 : a.record.key > b.record.key ? 1 : a.record.fields.seq - b.record.fields.seq));
      try {
        for (const [from, theirs] of Map.groupBy(batch, (one) => one.from)) {
          const { refused } = await this.#needs.intake.from(from).take(theirs.map((one) => one.record));
          if ([...refused.values()].some((one) => one.code === 'STALE_HEAD')) this.#needs.ask(from);
        }
      } catch (error) {
        this.#needs.log.error('gossiped records could not be kept', { error, records: batch.length });
      }
    }
    // At once: what arrives after the last look would wait for the next arrival.
    this.#isFlushing = false;
    for (const peer of this.#overflowed) this.#needs.ask(peer);
    this.#overflowed.clear();
  }
}

function parseMessage(data: Uint8Array): GossipMessage | undefined {
  try {
    const parsed = GossipMessage.safeParse(decodeCbor(data));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
