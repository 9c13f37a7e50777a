import type { OnApplicationShutdown } from '@nestjs/common';
import type { Log, Readiness, ServiceContext } from '@souk/nest';
import type { PeerNode } from '@souk/p2p';
import { openDataFolder, type DataFolder } from '@souk/store';
import type { PeerConfig } from './config.ts';
import { firstSync } from './network/first-sync.ts';
import { networkKeyOf, peerSeed } from './network/network-key.ts';
import type { PeerScores } from './network/peer-scores.ts';
import { Remembered } from './network/remembered.ts';
import { startNode } from './network/start-node.ts';

/** What a runtime is opened with. */
export interface RuntimeNeeds {
  readonly log: Log;
  readonly readiness: Readiness;
  readonly context: ServiceContext;
  readonly scores: PeerScores;
}

/** The parts of a peer that are opened and closed: its data folder and its node, in this order and back. */
export class PeerRuntime implements OnApplicationShutdown {
  readonly data: DataFolder;
  readonly node: PeerNode;
  /** Undefined in an open network. */
  readonly networkKey: Uint8Array | undefined;
  /** Most bytes of one blob. */
  readonly maxBlob: number;
  readonly #remembered: Remembered;

  private constructor(parts: Pick<PeerRuntime, 'data' | 'node' | 'networkKey'> & { remembered: Remembered }, config: PeerConfig) {
    this.data = parts.data;
    this.node = parts.node;
    this.networkKey = parts.networkKey;
    this.maxBlob = config.maxBlob;
    this.#remembered = parts.remembered;
  }

  /**
   * Opens the data folder and starts the node. Throws what `openDataFolder` and `networkKeyOf` throw, and PORT_IN_USE;
   * nothing stays open then. The first sync goes on in the background: readiness waits for it.
   */
  static async open(config: PeerConfig, needs: RuntimeNeeds): Promise<PeerRuntime> {
    const { log, readiness, context, scores } = needs;
    const data = await openDataFolder(config.dataDir);
    try {
      const networkKey = await networkKeyOf(data, config);
      const remembered = await Remembered.open(data.path, (error) => log.warn('What helps the next start could not be written', { error }));
      const invited = [...(config.join?.addresses ?? []), ...(config.bootstrap ?? [])];
      const options = {
        seed: await peerSeed(data.keys),
        ...(networkKey ? { networkKey } : {}),
        ...(config.announce ? { announce: config.announce } : {}),
        bootstrap: invited,
        remembered: remembered.addresses,
        onRemember: (addresses: readonly string[]) => remembered.keep({ addresses: [...addresses] }),
        maxBlobBytes: config.maxBlob,
        rank: (peer: string) => scores.of(peer),
      };
      const { logs, blobs, observations } = data;
      const node = await startNode({ logs, blobs, observations, log }, options, { host: config.p2pHost, port: config.p2pPort }, remembered);
      const synced = readiness.condition('first sync');
      void firstSync(node, invited.length > 0 ? invited : remembered.addresses, log, context.stopping).then(() => synced.met());
      return new PeerRuntime({ data, node, networkKey, remembered }, config);
    } catch (error) {
      await data.close();
      throw error;
    }
  }

  /** Leaves the network, then closes the stores. */
  async onApplicationShutdown(): Promise<void> {
    try {
      await this.node.stop();
      await this.#remembered.settled();
    } finally {
      await this.data.close();
    }
  }
}
