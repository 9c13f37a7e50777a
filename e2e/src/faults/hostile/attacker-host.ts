import { setPriority } from 'node:os';
import { setTimeout as after } from 'node:timers/promises';
import { protocols } from '@souk/contracts';
import { seedFrom, type Cid } from '@souk/domain';
import { RawPeer, type RawStream } from '@souk/testing/hostile';
import { answerParent } from '@souk/testing/processes';
import { LeaseFlood } from './lease-flood.ts';

/** A process that attacks: it has time for nothing else. It gets the processor only when nobody wants it whose time is measured: elsewhere it would have a machine of its own. */
setPriority(19);
const networkKey = seedFrom('network');
const pauseMs = 20;

type Link = Awaited<ReturnType<RawPeer['connect']>>;

/** One peer with as many connections and streams as it can get, on each of which it has asked for a blob and reads nothing. */
class StreamFlood {
  readonly #raw: RawPeer;
  readonly #links = new Set<Link>();
  readonly #streams = new Set<RawStream>();

  constructor(raw: RawPeer) {
    this.#raw = raw;
  }

  /** Opens more, up to so many connections with so many streams each, or until it is told to end; what the other side closes is not opened again, but counts. */
  async open(address: string, cid: Cid, { connections, streams }: { readonly connections: number; readonly streams: number }, end: AbortSignal): Promise<void> {
    for (const made = new Set<Link>(); made.size < connections && !end.aborted; ) {
      // The other side may be too busy to answer in time.
      const link = await this.#raw.connect(address).catch(() => after(pauseMs));
      if (!link) continue;
      made.add(link);
      this.#links.add(link);
      await Promise.allSettled(Array.from({ length: streams }, () => this.#stuck(link, cid)));
    }
  }

  /** Connections and streams that are open still. */
  get size(): { readonly connections: number; readonly streams: number } {
    return { connections: [...this.#links].filter(({ status }) => status === 'open').length, streams: [...this.#streams].filter(({ isOpen }) => isOpen).length };
  }

  async #stuck(link: Link, cid: Cid): Promise<void> {
    const stream = await this.#raw.open(link, protocols.blob);
    stream.stopReading();
    stream.frame({ t: 'get?', cid, offset: 0, length: 4_000_000 });
    this.#streams.add(stream);
  }
}

let raws: RawPeer[] = [];
let flood: StreamFlood | undefined;
const end = new AbortController();

const handlers = {
  /** Makes so many peers, which attack by the next words. */
  start: async ({ name, peers = 1 }: { name: string; peers?: number }) => {
    raws = await Promise.all(Array.from({ length: peers }, (_, at) => RawPeer.start({ name: `${name} ${at}`, networkKey })));
  },
  /** Brings all attacks to their end. */
  end: () => end.abort(),
  /** Opens so many connections, with so many streams each. */
  streams: async ({ address, cid, ...size }: { address: string; cid: Cid; connections: number; streams: number }) => {
    flood = new StreamFlood(raws[0] as RawPeer);
    await flood.open(address, cid, size, end.signal);
  },
  /** How many of these are open still. */
  open: () => flood?.size ?? { connections: 0, streams: 0 },
  /** Each peer brings so many leases, one after the other, each of so many other cids; answers how many were taken, and by which codes others were refused. */
  leases: async ({ address, leases, cids }: { address: string; leases: number; cids: number }) => {
    const brought = new LeaseFlood(cids);
    await Promise.all(raws.map((raw) => brought.bring(raw, address, leases, end.signal)));
    return brought.outcome;
  },
};
/** What the process of an attacker answers. */
export type AttackerHost = typeof handlers;
answerParent(handlers);
