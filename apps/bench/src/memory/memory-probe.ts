import { MemoryBlobStore, MemoryLogStore, seedFrom } from '@souk/domain';
import { createPeerNode, patientLimits, type PeerNode } from '@souk/p2p';
import { quietLog } from '../parts/quiet-log.ts';
import { until } from '../parts/until.ts';
import type { PeerProgram } from './peer-program.ts';

/** A peer of the measuring process, which is linked to those that are measured and sees what they hold. */
export class MemoryProbe {
  readonly #node: PeerNode;
  readonly #logs: MemoryLogStore;

  private constructor(node: PeerNode, logs: MemoryLogStore) {
    this.#node = node;
    this.#logs = logs;
  }

  /** Starts it, linked to nobody. */
  static async start(): Promise<MemoryProbe> {
    const logs = new MemoryLogStore({ now: Date.now });
    // A leaf seeks no links by itself.
    const node = await createPeerNode({ logs, blobs: new MemoryBlobStore(), log: quietLog }, { role: 'leaf', seed: seedFrom('memory probe'), listen: [], reconcileMs: 3_600_000, limits: { ...patientLimits(10), connections: 1000 } });
    await node.start();
    return new MemoryProbe(node, logs);
  }

  /** Resolves when every peer holds so many records, and all the same; who is asked is hung up on again. */
  async holdAll(peers: readonly PeerProgram[], records: number): Promise<void> {
    for (const { address } of peers) {
      const peer = await this.#node.dial(address);
      await until(async () => (await this.#node.syncWith(peer)).same && (await this.#logs.size()).records >= records);
      await this.#node.hangUp(peer);
    }
  }

  stop(): Promise<void> {
    return this.#node.stop();
  }
}
