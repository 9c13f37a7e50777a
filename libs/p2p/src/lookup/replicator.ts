import type { LookupFrame } from '@souk/contracts';
import { CidSet, type ProviderIndex } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import type { PeerLog } from '../node/peer-log.ts';
import { bringLease } from './lookup-client.ts';
import type { LookupLimits } from './lookup-limits.ts';

/** Leases that are passed on to one super-peer at the same time. */
const lanes = 3;
const shortestWaitMs = 250;
const longestWaitMs = 30_000;

/** What passing leases on needs. */
export interface ReplicatorNeeds {
  readonly index: ProviderIndex;
  readonly limits: LookupLimits;
  readonly log: PeerLog;
  now(): number;
  exchange<T>(superPeer: string, work: (channel: Channel<LookupFrame>) => Promise<T>, signal: AbortSignal): Promise<T>;
}

interface Replica {
  /** Peers whose lease is to be told there: at most as many as have one. */
  readonly due: Set<string>;
  running: number;
  failures: number;
  retry: NodeJS.Timeout | undefined;
}

/** Passes the leases that peers bring here on to the other super-peers, each lease over a direct stream to each; what was lost is told again. */
export class Replicator {
  readonly #needs: ReplicatorNeeds;
  readonly #replicas = new Map<string, Replica>();
  readonly #stopping = new AbortController();

  constructor(needs: ReplicatorNeeds) {
    this.#needs = needs;
  }

  /** A peer's lease changed here. */
  changed(peer: string): void {
    for (const [superPeer, replica] of this.#replicas) {
      replica.due.add(peer);
      this.#go(superPeer, replica);
    }
  }

  /** Another super-peer was linked: it is told everything that peers brought here. */
  came(superPeer: string): void {
    if (this.#replicas.size >= this.#needs.limits.replicas) return;
    const due = new Set<string>();
    for (const { lease } of this.#needs.index.leases(this.#needs.now())) due.add(lease.peer);
    const replica: Replica = { due, running: 0, failures: 0, retry: undefined };
    this.#replicas.set(superPeer, replica);
    this.#go(superPeer, replica);
  }

  /** Another super-peer is linked no more. */
  went(superPeer: string): void {
    clearTimeout(this.#replicas.get(superPeer)?.retry);
    this.#replicas.delete(superPeer);
  }

  /** Ends what is under way. */
  stop(): void {
    this.#stopping.abort();
    for (const superPeer of this.#replicas.keys()) this.went(superPeer);
  }

  #go(superPeer: string, replica: Replica): void {
    while (replica.running < Math.min(lanes, replica.due.size) && replica.retry === undefined) {
      replica.running += 1;
      void this.#work(superPeer, replica).finally(() => {
        replica.running -= 1;
        if (replica.due.size > 0 && this.#replicas.get(superPeer) === replica) this.#go(superPeer, replica);
      });
    }
  }

  async #work(superPeer: string, replica: Replica): Promise<void> {
    for (let [peer] = replica.due; peer !== undefined && this.#replicas.get(superPeer) === replica; [peer] = replica.due) {
      replica.due.delete(peer);
      try {
        await this.#tell(superPeer, peer);
        replica.failures = 0;
      } catch (error) {
        replica.due.add(peer);
        this.#later(superPeer, replica, error);
        return;
      }
    }
  }

  #later(superPeer: string, replica: Replica, error: unknown): void {
    if (this.#stopping.signal.aborted || this.#replicas.get(superPeer) !== replica) return;
    replica.failures += 1;
    this.#needs.log.debug('a lease could not be passed on', { peer: superPeer, error });
    replica.retry ??= setTimeout(() => {
      replica.retry = undefined;
      this.#go(superPeer, replica);
    }, Math.min(longestWaitMs, shortestWaitMs * 2 ** Math.min(replica.failures, 10)));
  }

  async #tell(superPeer: string, peer: string): Promise<void> {
    const { index, limits, now } = this.#needs;
    const { signal } = this.#stopping;
    const current = index.leaseOf(peer, now());
    const cids = index.cidsOf(peer);
    const lease = current?.lease ?? index.withdrawalOf(peer);
    if (peer === superPeer || !lease || (current && !cids)) return;
    const isCurrent = (): boolean => index.leaseOf(peer, now())?.lease === lease && index.cidsOf(peer) === cids;
    const ageMs = current ? lease.ttl - current.leftMs : lease.ttl;
    const step = { timeoutMs: limits.answerMs, signal };
    const brought = await this.#needs.exchange(superPeer, (channel) => bringLease(channel, { lease, cids: cids ?? new CidSet(), isCurrent, ageMs }, step), signal);
    if (brought.outcome === 'changed') this.#replicas.get(superPeer)?.due.add(peer);
  }
}
