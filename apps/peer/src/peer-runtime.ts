import type { OnApplicationShutdown } from '@nestjs/common';
import type { Log, Metrics, Readiness, ServiceContext } from '@souk/nest';
import type { PeerNode, PeerNodeOptions } from '@souk/p2p';
import { openDataFolder, type DataFolder } from '@souk/store';
import { blobCare, type BlobCare } from './blobs/blob-care.ts';
import { provideHeld } from './blobs/provide-held.ts';
import { BulkThread } from './bulk/bulk-thread.ts';
import type { PeerConfig } from './config.ts';
import { firstSync } from './network/first-sync.ts';
import { belongingKey } from './network/network-belonging.ts';
import { peerSeed } from './network/network-key.ts';
import type { PeerScores } from './network/peer-scores.ts';
import { traceHook, trafficTap } from './network/peer-telemetry.ts';
import { Remembered } from './network/remembered.ts';
import { startNode } from './network/start-node.ts';
import { Retention } from './retention/retention.ts';
import { retentionRules } from './retention/retention-rules.ts';
import { SiteLog } from './site-log/site-log.ts';

/** What a runtime is opened with. */
export interface RuntimeNeeds {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly context: ServiceContext;
  readonly scores: PeerScores;
}

/** What a peer knows of its network before it starts. */
interface KnownNetwork {
  readonly networkKey: Uint8Array | undefined;
  /** Addresses of peers that it was told to join. */
  readonly invited: readonly string[];
  readonly remembered: Remembered;
}

function nodeOptions(config: PeerConfig, { scores, metrics }: RuntimeNeeds, known: KnownNetwork & { readonly seed: Uint8Array }): PeerNodeOptions {
  const { seed, networkKey, invited, remembered } = known;
  return {
    seed,
    ...(networkKey ? { networkKey } : {}),
    ...(config.announce ? { announce: config.announce } : {}),
    bootstrap: invited,
    remembered: remembered.addresses,
    onRemember: (addresses) => remembered.keep({ addresses: [...addresses] }),
    maxBlobBytes: config.maxBlob,
    rank: (peer) => scores.of(peer),
    trace: traceHook,
    tap: trafficTap(metrics),
  };
}

/** Syncs and announces what is held; a peer that cannot reach anybody serves what it has. */
function joinInBackground(node: PeerNode, data: DataFolder, { invited, remembered }: KnownNetwork, { log, readiness, context }: RuntimeNeeds): void {
  const synced = readiness.condition('first sync');
  void firstSync(node, invited.length > 0 ? invited : remembered.addresses, log, context.stopping).then(() => synced.met());
  void provideHeld(node, data.blobs).catch((error: unknown) => {
    if (!context.stopping.aborted) log.warn('What is held was not announced', { error });
  });
}

/** The parts of a peer that are opened and closed: its data folder and its node, in this order and back. */
export class PeerRuntime implements OnApplicationShutdown {
  readonly data: DataFolder;
  readonly node: PeerNode;
  /** Accounts, tokens, bindings, bans and takedowns of the site. */
  readonly siteLog: SiteLog;
  readonly retention: Retention;
  /** Keeps the blobs of `data` sound. */
  readonly care: BlobCare;
  /** Keeps and appends what this thread would be held up by. */
  readonly bulk: BulkThread;
  /** Undefined in an open network. */
  readonly networkKey: Uint8Array | undefined;
  /** Most bytes of one blob. */
  readonly maxBlob: number;
  readonly #remembered: Remembered;

  private constructor(parts: Pick<PeerRuntime, 'data' | 'siteLog' | 'node' | 'retention' | 'care' | 'bulk' | 'networkKey'> & { remembered: Remembered }, config: PeerConfig) {
    this.data = parts.data;
    this.siteLog = parts.siteLog;
    this.node = parts.node;
    this.retention = parts.retention;
    this.care = parts.care;
    this.bulk = parts.bulk;
    this.networkKey = parts.networkKey;
    this.maxBlob = config.maxBlob;
    this.#remembered = parts.remembered;
  }

  /**
   * Opens the data folder and starts the node. Throws what `openDataFolder` and `belongingKey` throw, and PORT_IN_USE;
   * nothing stays open then. The first sync goes on in the background: readiness waits for it.
   */
  static async open(config: PeerConfig, needs: RuntimeNeeds): Promise<PeerRuntime> {
    const { log, metrics, context } = needs;
    const rules = retentionRules(config);
    const folder = await openDataFolder(config.dataDir);
    try {
      const retention = new Retention(folder, rules, { log, metrics, stopping: context.stopping });
      const care = blobCare(folder, retention, { log, metrics, stopping: context.stopping });
      const data = { ...folder, blobs: care.blobs };
      const siteLog = await SiteLog.open({ store: data.siteLog, keys: data.keys, isWriter: context.ordinal === 0, now: Date.now });
      const networkKey = await belongingKey(data, config, log);
      const remembered = await Remembered.open(data.path, (error) => log.warn('What helps the next start could not be written', { error }));
      const known = { networkKey, invited: [...(config.join?.addresses ?? []), ...(config.bootstrap ?? [])], remembered };
      const options = nodeOptions(config, needs, { ...known, seed: await peerSeed(data.keys) });
      const { logs, observations } = data;
      const node = await startNode({ logs, blobs: care.blobs.forPeers(), observations, log }, options, { host: config.p2pHost, port: config.p2pPort }, remembered);
      retention.start(node);
      care.healer.fetchBy(node);
      joinInBackground(node, data, known, needs);
      const bulk = new BulkThread({ folder: data.path, maxBlob: config.maxBlob }, log);
      return new PeerRuntime({ data, siteLog, node, retention, care, bulk, networkKey, remembered }, config);
    } catch (error) {
      await folder.close();
      throw error;
    }
  }

  /** Leaves the network, lets upkeep end, then closes the stores. */
  async onApplicationShutdown(): Promise<void> {
    try {
      await this.node.stop();
      await this.#remembered.settled();
      await this.bulk.close();
      await this.siteLog.settled();
      await this.care.healer.settled();
      await this.retention.settled();
    } finally {
      await this.data.close();
    }
  }
}
