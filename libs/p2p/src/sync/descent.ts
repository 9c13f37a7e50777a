import { maxSync, type FrameNode, type SyncFrame } from '@souk/contracts';
import { fromHex, nodeProblem, sameBytes, SoukError, type Head, type HeadTree } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import type { StepOptions } from '../frame/frame-stream.ts';

const digits = [...'0123456789abcdef'];
const digestBytes = 32;

/** A node of the peer's tree that differs from ours and was not told yet. */
interface Unseen {
  readonly at: string;
  readonly digest: Uint8Array;
}

/** What a descent needs. */
export interface DescentNeeds {
  readonly channel: Channel<SyncFrame>;
  /** Our own tree. */
  readonly ours: HeadTree;
  readonly step: StepOptions;
  /** Most nodes that are asked for. */
  readonly maxNodes: number;
}

/** Walks down a peer's tree of heads wherever it differs from ours. Every node is checked against the digest that its parent promised. */
export class Descent {
  readonly #needs: DescentNeeds;
  /** Depth first, so that never more wait than a path has siblings for each node that is asked for at once. */
  readonly #unseen: Unseen[] = [];
  #found: Head[] = [];
  #asked = 0;

  /** Begins at the node of the peer's root. Throws BAD_FRAME for a node that is not that root's. */
  constructor(needs: DescentNeeds, top: { readonly root: string; readonly node: FrameNode }) {
    this.#needs = needs;
    if (!/^[0-9a-f]{64}$/.test(top.root)) throw new SoukError('BAD_FRAME', 'The peer sent a head root that is none.');
    this.#enter({ at: '', digest: fromHex(top.root) }, top.node);
  }

  /** Whether the asker's limit was reached before the end. */
  get isCut(): boolean {
    return this.#asked >= this.#needs.maxNodes && this.#unseen.length > 0;
  }

  /** Some heads of the peer out of leaves that differ from ours; none at the end. Throws BAD_FRAME for nodes that are not what was promised, and what the channel throws. */
  async next(): Promise<readonly Head[]> {
    while (this.#found.length === 0 && this.#unseen.length > 0 && !this.isCut) await this.#ask();
    const found = this.#found;
    this.#found = [];
    return found;
  }

  async #ask(): Promise<void> {
    const { channel, step } = this.#needs;
    const some = this.#unseen.splice(-maxSync.nodes);
    this.#asked += some.length;
    await channel.send({ t: 'nodes?', at: some.map(({ at }) => at) }, step);
    const { nodes } = await channel.expect('nodes', step);
    if (nodes.length !== some.length) throw new SoukError('BAD_FRAME', `The peer told ${nodes.length} nodes where ${some.length} were asked for.`);
    for (const [index, one] of some.entries()) this.#enter(one, nodes[index] as FrameNode);
  }

  #enter({ at, digest }: Unseen, node: FrameNode): void {
    const problem = nodeProblem(node, at, digest);
    if (problem !== undefined) throw new SoukError('BAD_FRAME', `The peer told a node of its heads that ${problem}.`);
    if ('heads' in node) return void this.#found.push(...node.heads);
    for (const [index, digit] of digits.entries()) {
      const child = node.digests.subarray(index * digestBytes, (index + 1) * digestBytes);
      if (child.every((byte) => byte === 0) || sameBytes(child, this.#needs.ours.digestAt(at + digit))) continue;
      this.#unseen.push({ at: at + digit, digest: child });
    }
  }
}
