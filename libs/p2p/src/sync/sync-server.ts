import { maxSync, type FrameRun, type SyncFrame } from '@souk/contracts';
import { SoukError, type HeadTree, type LogStore } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import { underTrace, type TraceHook } from '../frame/trace-hook.ts';
import type { PeerLimits } from '../node/peer-limits.ts';
import { frameCost, maxRecordBytes, toBareFrame, toFrame } from './frame-record.ts';
import type { HeldHeads } from './held-heads.ts';

/** Records read from the store at once. */
const readPage = 64;

/** What serving needs. */
export interface SyncServerNeeds {
  readonly logs: LogStore;
  readonly heads: HeldHeads;
  readonly limits: PeerLimits;
  readonly trace?: TraceHook | undefined;
  /** Hears the head root that the peer greets with. */
  greeted(root: string): void;
}

type Asked = Extract<SyncFrame, { t: 'records?' }>['logs'][number];

/** Answers one peer's `/souk/sync/1` stream until it ends. Throws what the channel throws, BAD_FRAME for what is no question, RATE_LIMITED beyond the limits. */
export async function serveSync(channel: Channel<SyncFrame>, needs: SyncServerNeeds, signal: AbortSignal): Promise<void> {
  const step = { timeoutMs: needs.limits.frameMs, signal };
  const server = new SyncServer(needs);
  for (let requests = 0; ; requests += 1) {
    const frame = await channel.receive(step);
    if (frame === undefined) return;
    if (requests >= needs.limits.serveRequests) throw new SoukError('RATE_LIMITED', `One exchange may ask ${needs.limits.serveRequests} times.`);
    const answer = await underTrace(needs.trace, channel, frame, () => server.answer(frame));
    await channel.send(answer, step);
    if (answer.t === 'same') return;
  }
}

/** The answering side of one exchange. */
class SyncServer {
  readonly #needs: SyncServerNeeds;
  /** The tree as it was at the greeting: what the peer descends must not change under its feet. */
  #tree: HeadTree | undefined;

  constructor(needs: SyncServerNeeds) {
    this.#needs = needs;
  }

  async answer(frame: SyncFrame): Promise<SyncFrame> {
    switch (frame.t) {
      case 'hello':
        return this.#greet(frame.root);
      case 'nodes?': {
        const tree = this.#tree;
        if (!tree) throw new SoukError('BAD_FRAME', 'The peer asked for nodes before it greeted.');
        return { t: 'nodes', nodes: frame.at.map((path) => copyOf(tree.nodeAt(path))) };
      }
      case 'records?':
        return { t: 'records', runs: await this.#runs(frame.logs) };
      default:
        throw new SoukError('BAD_FRAME', `The peer sent "${frame.t}", which is an answer, without being asked.`);
    }
  }

  async #greet(theirs: string): Promise<SyncFrame> {
    if (this.#tree) throw new SoukError('BAD_FRAME', 'The peer greeted twice.');
    const tree = (this.#tree = await this.#needs.heads.tree());
    this.#needs.greeted(theirs);
    const { root } = tree;
    return root === theirs ? { t: 'same' } : { t: 'differs', root, node: copyOf(tree.nodeAt('')) };
  }

  /** A run for each log, as many as fit into a frame; at least one. */
  async #runs(asked: readonly Asked[]): Promise<FrameRun[]> {
    const runs: FrameRun[] = [];
    const room = { bytes: maxRecordBytes, records: maxSync.records };
    for (const one of asked) {
      const run = await this.#run(one, room);
      if (runs.length > 0 && run.more && run.records.length === 0) break;
      runs.push(run);
      if (room.bytes <= 0 || room.records <= 0) break;
    }
    return runs;
  }

  /** As much of one log as there is room for, which it takes. */
  async #run({ key, from, limit = maxSync.records }: Asked, room: { bytes: number; records: number }): Promise<FrameRun> {
    const { logs } = this.#needs;
    const most = Math.min(limit, room.records);
    const records: FrameRun['records'] = [];
    let full = false;
    while (records.length < most && !full) {
      const page = await logs.read(key, from + records.length, Math.min(readPage, most - records.length));
      for (const { record } of page) {
        const cost = frameCost(record);
        full = cost > room.bytes;
        if (full) break;
        room.bytes -= cost;
        records.push(toFrame(record));
      }
      if (page.length === 0) break;
    }
    room.records -= records.length;
    const last = from + records.length - 1;
    const more = full || (records.length === most && last < ((await logs.head(key))?.seq ?? -1));
    const fork = more ? undefined : await logs.fork(key);
    if (!fork) return { records, more };
    const proof = { a: toBareFrame(fork.a), b: toBareFrame(fork.b) };
    room.bytes -= frameCost(proof.a) + frameCost(proof.b);
    return { records, more, fork: proof };
  }
}

type Mutable<Node> = Node extends { heads: readonly (infer One)[] } ? { heads: One[] } : Node;

/** A node as a frame has it. */
function copyOf(node: ReturnType<HeadTree['nodeAt']>): Mutable<ReturnType<HeadTree['nodeAt']>> {
  return 'heads' in node ? { heads: [...node.heads] } : node;
}
