import type { Connection } from '@libp2p/interface';
import { protocols } from '@souk/contracts';
import type { FullLibp2p } from '../node/create-libp2p-node.ts';
import { linksOf } from '../node/links.ts';
import type { PeerLimits } from '../node/peer-limits.ts';
import type { PeerLog } from '../node/peer-log.ts';

/** A stream of these is somebody at work. Gossip's are open on every link, and those that libp2p looks after links with come and go. */
const work: ReadonlySet<string> = new Set([protocols.sync, protocols.blob, protocols.lookup, protocols.push, protocols.network]);
/** Of the connections that a peer may have, how many its links may take before those that others opened are hung up too, so that newcomers find room. */
const mostOfRoom = 3 / 4;

/** A link, as far as it matters for whether it stays. */
export interface LinkUse {
  readonly peer: string;
  /** Whether this side opened it. */
  readonly isOwn: boolean;
  /** When it was opened, in milliseconds. */
  readonly openedAt: number;
  /** Whether somebody is at work on it, or it is worth keeping by itself. */
  readonly isUsed: boolean;
}

/** How many links stay. */
export interface LinksKept {
  /** In all, unless they are used. */
  readonly keep: number;
  /** Of those, opened by this side: fewer would be sought again. */
  readonly own: number;
  /** Beyond so many, links that others opened do not stay either. */
  readonly crowded: number;
}

/**
 * The links to hang up so that not many more than `keep` are left: of those that nobody uses and this side opened, the newest ones, because what has held for long
 * goes on holding. Links that others opened are theirs to hang up, until there are more than `crowded`.
 */
export function spareLinks(links: readonly LinkUse[], { keep, own, crowded }: LinksKept): readonly string[] {
  const unused = links.filter((link) => !link.isUsed).toSorted((a, b) => b.openedAt - a.openedAt);
  const most = Math.min(links.length - keep, links.filter((link) => link.isOwn).length - own);
  const ours = unused.filter((link) => link.isOwn).slice(0, Math.max(0, most));
  const others = unused.filter((link) => !link.isOwn).slice(0, Math.max(0, links.length - ours.length - crowded));
  return [...ours, ...others].map((link) => link.peer);
}

/** What hanging up spare links needs. */
export interface SpareLinksNeeds {
  readonly libp2p: FullLibp2p;
  readonly limits: PeerLimits;
  readonly log: PeerLog;
  /** Peers to which news are passed on. */
  mesh(): readonly string[];
  /** Whether a peer is a super-peer, with which a link is kept whatever it is used for. */
  isSuper(peer: string): boolean;
}

/**
 * Hangs up links that a walk through the DHT or a fetch opened and that nobody uses any more. Without it a peer of a large network ends up with as many as
 * it may have, and turns newcomers away.
 */
export class SpareLinks {
  readonly #needs: SpareLinksNeeds;
  #timer: NodeJS.Timeout | undefined;

  constructor(needs: SpareLinksNeeds) {
    this.#needs = needs;
  }

  /** Begins to look, again and again. */
  start(): void {
    this.#timer = setInterval(() => this.#hangUp(), this.#needs.limits.spareMs / 2);
  }

  /** Stops looking; links stay. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #hangUp(): void {
    const { libp2p, limits, log } = this.#needs;
    const links = linksOf(libp2p);
    if (links.size <= limits.links) return;
    const mesh = new Set(this.#needs.mesh());
    const uses = [...links].map(([peer, link]) => ({ peer, isOwn: link.direction === 'outbound', openedAt: link.timeline.open, isUsed: this.#isUsed(peer, link, mesh) }));
    for (const peer of spareLinks(uses, { keep: limits.links, own: limits.neighbours, crowded: limits.connections * mostOfRoom })) {
      (links.get(peer) as Connection).close().catch((error: unknown) => log.debug('a spare link could not be closed', { peer, error }));
    }
  }

  #isUsed(peer: string, link: Connection, mesh: ReadonlySet<string>): boolean {
    const isNew = Date.now() - link.timeline.open < this.#needs.limits.spareMs;
    return isNew || mesh.has(peer) || this.#needs.isSuper(peer) || link.streams.some(({ protocol }) => work.has(protocol));
  }
}
