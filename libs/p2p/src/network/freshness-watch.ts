import type { NetworkFrame } from '@souk/contracts';
import { Attestations, KeyPlaces, SoukError, verifyFresh, type Fresh, type Freshness, type HeadTree, type LogStore, type SuperVerdict } from '@souk/domain';
import { followedOf, type FollowedLogs } from '../follow/followed-logs.ts';
import type { Channel } from '../frame/channel.ts';
import type { StepOptions } from '../frame/frame-stream.ts';
import { compareTrees } from './compare-trees.ts';

/** How far clocks may be apart, in milliseconds. */
const skewMs = 300_000;

/** How freshness is watched. Milliseconds. */
export interface FreshnessOptions {
  /** The super-peers that the charter names; nothing is watched while there are none. */
  superPeers(): readonly string[];
  /** How long what they signed counts; a day unless given. */
  readonly staleMs?: number;
  /** How long a super-peer gives out one statement, and twice how often it is asked; an hour unless given. */
  readonly everyMs?: number;
  /** A super-peer that lacks what has been here for longer than this withholds it; ten minutes unless given. */
  readonly graceMs?: number;
  /** Milliseconds since 1970; the system's clock unless given. */
  now?(): number;
}

/** Unless told otherwise. */
export const defaultFreshness = { staleMs: 86_400_000, everyMs: 3_600_000, graceMs: 600_000 } as const;

/** What watching needs. */
export interface FreshnessWatchNeeds {
  readonly self: string;
  readonly options: FreshnessOptions;
  /** What is followed, unless that is everything: nothing else is watched then. */
  readonly follows?: Pick<FollowedLogs, 'listed'> | undefined;
  readonly logs: Pick<LogStore, 'read' | 'fork'>;
  tree(): Promise<HeadTree>;
  /** The super-peers that are linked. */
  linked(): readonly string[];
  /** Runs an exchange in the background of everything else; nobody hears of it when it fails. */
  ask(peer: string, work: (channel: Channel<NetworkFrame>, step: StepOptions) => Promise<void>): Promise<void>;
  /** Takes from a peer what is lacking. */
  sync(peer: string): Promise<unknown>;
  judged(superPeer: string, verdict: SuperVerdict): void;
}

/**
 * Watches whether what is held here is all there is: each super-peer of the charter signs the root of its tree of heads, and this peer looks whether it holds
 * every record below that root. A super-peer that signs nothing new, or lacks for long what others have, is `frozen`.
 */
export class FreshnessWatch {
  readonly #needs: FreshnessWatchNeeds;
  readonly #attestations: Attestations;
  /** The last question to each super-peer: one after the other. */
  readonly #turns = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(needs: FreshnessWatchNeeds) {
    this.#needs = needs;
    this.#attestations = new Attestations(this.#now());
  }

  /** How fresh what is held is; undefined where there is no charter. */
  freshness(): Freshness | undefined {
    const { self, options } = this.#needs;
    const named = options.superPeers();
    if (named.length === 0) return undefined;
    return this.#attestations.freshness(named.filter((peer) => peer !== self), this.#now(), options.staleMs ?? defaultFreshness.staleMs);
  }

  /** Begins to ask again and again. */
  start(): void {
    const wait = ((this.#needs.options.everyMs ?? defaultFreshness.everyMs) / 2) * (0.9 + Math.random() / 5);
    this.#timer = setTimeout(() => {
      void this.check();
      this.start();
    }, wait).unref();
  }

  /** Ends. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Asks every super-peer that is linked. Resolves when all have answered or failed to. */
  async check(): Promise<void> {
    await Promise.all(this.#needs.linked().map((peer) => this.checkOne(peer)));
  }

  /** Asks one super-peer, after whatever is being asked of it; what it has and this peer lacks is taken from it first. Never throws. */
  checkOne(peer: string): Promise<void> {
    const turn = (this.#turns.get(peer) ?? Promise.resolve()).then(() => this.#checkOnce(peer));
    this.#turns.set(peer, turn);
    return turn.finally(() => {
      if (this.#turns.get(peer) === turn) this.#turns.delete(peer);
    });
  }

  async #checkOnce(peer: string): Promise<void> {
    const { ask, options, sync } = this.#needs;
    if (!options.superPeers().includes(peer)) return;
    let isCovered = false;
    const look = (): Promise<void> => ask(peer, async (channel, step) => void (isCovered = await this.#look(peer, channel, step)));
    await look();
    if (isCovered) return;
    await sync(peer).catch(() => undefined);
    await look();
  }

  async #look(peer: string, channel: Channel<NetworkFrame>, step: StepOptions): Promise<boolean> {
    const { logs, judged, options, follows } = this.#needs;
    const askedAt = this.#now();
    await channel.send({ t: 'fresh?' }, step);
    const fresh = this.#checked(peer, verifyFresh((await channel.expect('fresh', step)).statement));
    const ours = await this.#needs.tree();
    const { isCovered, behind } = await compareTrees(fresh.root, { logs, ours, only: follows && new KeyPlaces(followedOf(follows, ours)), channel, step });
    if (isCovered) this.#attestations.covered(peer, fresh.at);
    const since = fresh.at - (options.graceMs ?? defaultFreshness.graceMs);
    const isOld = fresh.at + (options.staleMs ?? defaultFreshness.staleMs) < askedAt;
    for (const { key, seq } of isOld ? [] : behind) {
      const [stored] = await logs.read(key, seq, 1);
      if (!stored || stored.firstSeen >= since) continue;
      judged(peer, 'frozen');
      return isCovered;
    }
    if (isOld) judged(peer, 'frozen');
    return isCovered;
  }

  #checked(peer: string, fresh: Fresh): Fresh {
    if (fresh.peer !== peer) throw new SoukError('BAD_STATEMENT', 'The super-peer told what another one signed.');
    if (fresh.at > this.#now() + skewMs) throw new SoukError('BAD_STATEMENT', 'The super-peer signed a time that is to come.');
    return fresh;
  }

  #now(): number {
    return this.#needs.options.now?.() ?? Date.now();
  }
}
