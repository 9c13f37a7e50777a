import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OnApplicationShutdown } from '@nestjs/common';
import { Catalogue, hotHintLimits, InlineRecordVerifier, MemoryHintStore, networkIdOf, sitePolicy, type CataloguePolicy, type Charter, type SitePlace } from '@souk/domain';
import type { Log, Metrics, Readiness, Rpc, ServiceContext, Spans } from '@souk/nest';
import type { PeerNode } from '@souk/p2p';
import { openDataFolder, type DataFolder } from '@souk/store';
import { ArchiveReports } from './blobs/archive-reports.ts';
import { lawfulBlobs } from './blobs/lawful-blobs.ts';
import { blobCare, type BlobCare } from './blobs/blob-care.ts';
import { fetchedFromOthers } from './blobs/fetched-from-others.ts';
import { provideHeld } from './blobs/provide-held.ts';
import { BulkThread } from './bulk/bulk-thread.ts';
import { KeptChanges } from './catalogue/kept-changes.ts';
import { SummaryKeeper } from './catalogue/summary-keeper.ts';
import type { PeerConfig } from './config.ts';
import { FindPeers } from './discovery/find-peers.ts';
import { CharterBindings } from './network/charter-bindings.ts';
import { CharterKeeper } from './network/charter-keeper.ts';
import { firstSync } from './network/first-sync.ts';
import { JoinTokens } from './network/join-tokens.ts';
import { keptInvite } from './network/kept-invite.ts';
import { NetworkFigures } from './network/network-figures.ts';
import { belongingKey } from './network/network-belonging.ts';
import { nodeOptions, type KnownNetwork } from './network/node-options.ts';
import type { PeerScores } from './network/peer-scores.ts';
import { peerSeeds } from './network/peer-seeds.ts';
import { Remembered } from './network/remembered.ts';
import type { SiteNews } from './network/site-news.ts';
import { startNode } from './network/start-node.ts';
import { FollowedList } from './query/followed-list.ts';
import { followList } from './query/follow-rules.ts';
import { NetworkPackages } from './query/network-packages.ts';
import { HeldPackages, type PackageSource } from './query/package-source.ts';
import { superAnswers } from './query/super-answers.ts';
import { SettledMark } from './replication/settled-mark.ts';
import { sitePlace } from './replication/site-config.ts';
import { siteNetwork } from './replication/site-network.ts';
import { SitePeers } from './replication/site-peers.ts';
import { Retention, type RetentionRules } from './retention/retention.ts';
import { retentionRules } from './retention/retention-rules.ts';
import { Binder } from './site-log/binder.ts';
import { SiteEffects } from './site-log/site-effects.ts';
import { SiteLog } from './site-log/site-log.ts';
import { TakedownKeeper } from './site-log/takedown-keeper.ts';
import { VerifierThreads } from './verify/verifier-threads.ts';

/** What a runtime is opened with. */
export interface RuntimeNeeds {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly spans: Spans;
  readonly readiness: Readiness;
  readonly context: ServiceContext;
  readonly scores: PeerScores;
  readonly rpc: Rpc;
  readonly news: SiteNews;
}

/** Syncs and announces what is held; a peer that cannot reach anybody serves what it has. */
function joinInBackground(node: PeerNode, data: DataFolder, { peers, remembered, followed }: KnownNetwork, { log, readiness, context }: RuntimeNeeds): void {
  const synced = readiness.condition('first sync');
  const sync = (contacts: readonly string[]): Promise<void> => firstSync(node, contacts.length > 0 ? contacts : remembered.addresses, log, context.stopping);
  followed?.start(node);
  void peers.start(node).then(sync).then(() => followed?.ask()).then(() => synced.met());
  void provideHeld(node, data.blobs).catch((error: unknown) => {
    if (!context.stopping.aborted) log.warn('What is held was not announced', { error });
  });
}

/** Does what the charter says, and each newer one: who the super-peers are, and what belongs to whom. */
async function followCharter(charter: CharterKeeper, { node, siteLog, config, peers, log }: { node: PeerNode; siteLog: SiteLog; config: PeerConfig; peers: FindPeers; log: Log }): Promise<CharterBindings> {
  const bindings = new CharterBindings({ siteLog, charter, log });
  const isNamed = (supers: readonly { readonly peer: string }[]): boolean => supers.some((one) => one.peer === node.peerId);
  const follow = ({ supers }: Pick<Charter, 'supers'>): void => {
    if (config.role === 'super' && !isNamed(supers)) log.warn('This super-peer is not in the charter of its network: others do not count it as one', { peer: node.peerId });
    peers.charterChanged();
    void bindings.apply();
  };
  charter.onChanged(follow);
  const held = charter.current();
  if (held) follow(held);
  await bindings.start();
  return bindings;
}

/** The parts of a peer that are opened and closed: its data folder and its node, in this order and back. */
export class PeerRuntime implements OnApplicationShutdown {
  readonly data: DataFolder;
  readonly node: PeerNode;
  /** Accounts, tokens, bindings, bans and takedowns of the site. */
  readonly siteLog: SiteLog;
  /** What the site log decides about packages. */
  readonly policy: CataloguePolicy;
  /** The packages that the logs define, under that policy. */
  readonly catalogue: Catalogue;
  /** What readers of the catalogue are told. */
  readonly changes: KeptChanges;
  readonly binder: Binder;
  readonly effects: SiteEffects;
  readonly keeper: TakedownKeeper;
  /** The network's charter. */
  readonly charter: CharterKeeper;
  /** What is followed; undefined for all logs. */
  readonly followed: FollowedList | undefined;
  /** The packages that this site knows, or can ask for. */
  readonly packages: PackageSource;
  readonly bindings: CharterBindings;
  /** How lookups go. */
  readonly figures: NetworkFigures;
  readonly peers: FindPeers;
  readonly joinTokens: JoinTokens;
  readonly retention: Retention;
  /** Keeps the blobs of `data` sound. */
  readonly care: BlobCare;
  /** Keeps and appends what this thread would be held up by. */
  readonly bulk: BulkThread;
  /** The other peers of the site, and what this one is among them. */
  readonly site: SitePeers;
  /** Verifies many records, for this thread's other work not to wait. */
  readonly verifier: VerifierThreads;
  readonly reports: ArchiveReports;
  /** Undefined in an open network. */
  readonly networkKey: Uint8Array | undefined;
  /** Most bytes of one blob. */
  readonly maxBlob: number;
  /** The zone that it is in, where it was told. */
  readonly zone: string | undefined;
  readonly #remembered: Remembered;
  readonly #keeper: SummaryKeeper;

  private constructor(parts: Pick<PeerRuntime, 'data' | 'catalogue' | 'changes' | 'policy' | 'siteLog' | 'binder' | 'effects' | 'keeper' | 'node' | 'retention' | 'care' | 'bulk' | 'site' | 'verifier' | 'reports' | 'networkKey' | 'charter' | 'bindings' | 'figures' | 'joinTokens' | 'peers' | 'followed' | 'packages'> & { remembered: Remembered; summaryKeeper: SummaryKeeper }, config: PeerConfig) {
    this.data = parts.data;
    this.catalogue = parts.catalogue;
    this.changes = parts.changes;
    this.#keeper = parts.summaryKeeper;
    this.policy = parts.policy;
    this.siteLog = parts.siteLog;
    this.binder = parts.binder;
    this.keeper = parts.keeper;
    this.effects = parts.effects;
    this.node = parts.node;
    this.retention = parts.retention;
    this.care = parts.care;
    this.bulk = parts.bulk;
    this.site = parts.site;
    this.verifier = parts.verifier;
    this.reports = parts.reports;
    this.networkKey = parts.networkKey;
    this.charter = parts.charter;
    this.bindings = parts.bindings;
    this.figures = parts.figures;
    this.joinTokens = parts.joinTokens;
    this.peers = parts.peers;
    this.followed = parts.followed;
    this.packages = parts.packages;
    this.maxBlob = config.maxBlob;
    this.zone = config.zone;
    this.#remembered = parts.remembered;
  }

  /**
   * Opens the data folder and starts the node. Throws what `openDataFolder` and `belongingKey` throw, and PORT_IN_USE;
   * nothing stays open then. The first sync goes on in the background: readiness waits for it.
   */
  static async open(config: PeerConfig, needs: RuntimeNeeds): Promise<PeerRuntime> {
    const rules = retentionRules(config);
    const list = followList(config);
    const place = sitePlace(config);
    const since = performance.now();
    const folder = await openDataFolder(config.dataDir);
    const seconds = (performance.now() - since) / 1000;
    needs.metrics.gauge('souk_catalogue_load_seconds', {}, () => seconds);
    try {
      return await PeerRuntime.#opened(config, needs, folder, { rules, place, followed: list && new FollowedList(list, needs.log) });
    } catch (error) {
      await folder.close();
      throw error;
    }
  }

  static async #opened(config: PeerConfig, needs: RuntimeNeeds, opened: DataFolder, { rules, place, followed }: { rules: RetentionRules; place: SitePlace; followed: FollowedList | undefined }): Promise<PeerRuntime> {
    const { log, metrics, context, rpc, news, readiness } = needs;
    const { stopping } = context;
    const mark = await SettledMark.open(opened.path, opened.logs);
    const isWriter = place.peers === 1 || (place.ordinal === 0 && mark.isSettled);
    const siteLog = await SiteLog.open({ store: opened.siteLog, keys: opened.keys, isWriter, now: Date.now });
    const policy = sitePolicy(siteLog, Date.now);
    const catalogue = new Catalogue(opened.logs, policy);
    const folder = { ...opened, catalogue, blobs: lawfulBlobs(opened.blobs, siteLog) };
    const site = new SitePeers({ place, logs: folder.logs, siteLog, siteLogs: folder.siteLog, keys: folder.keys, mark, rpc, siteSecret: config.siteSecret, news, readiness, metrics, log, stopping });
    const retention = new Retention(folder, rules, { log, metrics, stopping, place, isHeldElsewhere: (cid) => site.isHeldElsewhere(cid) });
    const care = blobCare(folder, retention, { log, metrics, stopping, patience: config.patience });
    const data = { ...folder, blobs: care.blobs };
    const join = config.join ?? (config.networkKey ? undefined : await keptInvite(data.path));
    const wanted = await siteNetwork({ ...config, join }, { rpc, place, data, stopping });
    const networkKey = await belongingKey(data, wanted, log);
    const remembered = await Remembered.open(data.path, (error) => log.warn('What helps the next start could not be written', { error }));
    const charter = await CharterKeeper.open({ folder: data.path, network: networkIdOf(networkKey), log }, { authority: wanted.join?.authority, charter: config.charter });
    const peers = new FindPeers({ config, invited: [...(wanted.join?.addresses ?? []), ...(config.bootstrap ?? [])], charter, log });
    const figures = new NetworkFigures(metrics);
    const known = { networkKey, charter, peers, remembered, figures, followed };
    const options = nodeOptions(config, needs, { ...known, seeds: await peerSeeds(data.keys, config), siteLog, answers: superAnswers({ logs: data.logs, catalogue, rpc }) });
    const { blobs, observations } = data;
    const verifier = new VerifierThreads(new InlineRecordVerifier(nextTurn), log);
    const hints = [{ tier: 'hot', store: new MemoryHintStore(hotHintLimits) }, { tier: 'warm', store: data.hints }] as const;
    const node = await startNode({ logs: site.role.nodeLogs(data.logs), blobs: care.blobs.forPeers(), observations, hints, verifier, log }, options, { host: config.p2pHost, port: config.p2pPort }, remembered);
    figures.watch(node);
    const packages = followed ? new NetworkPackages({ logs: data.logs, catalogue, policy, node, now: () => performance.now() }) : new HeldPackages(catalogue);
    retention.start(node);
    care.healer.fetchBy(node);
    joinInBackground(node, data, known, needs);
    const binder = new Binder({ siteLog, catalogue, log });
    const keeper = new TakedownKeeper({ logs: data.logs, blobs: retention.blobs, site: siteLog });
    const effects = new SiteEffects({ siteLog, node, keeper, binder, log, now: Date.now });
    await effects.start();
    const bindings = await followCharter(charter, { node, siteLog, config, peers, log });
    const bulk = new BulkThread({ folder: data.path, maxBlob: config.maxBlob }, log);
    retention.nameBy((names) => bulk.name(names));
    const changes = new KeptChanges({ logs: data.logs, siteLog, policy, summaries: data.summaries, log });
    const reports = new ArchiveReports(blobs, config.maxBlob);
    site.start({ node, retention, fetch: (cid) => fetchedFromOthers(cid, care.releases, node, stopping), screen: (records) => keeper.screen(records), receiver: { blobs, room: retention.room, reports, maxBytes: config.maxBlob } });
    const joinTokens = await JoinTokens.open(data.path, Date.now);
    const summaryKeeper = new SummaryKeeper(changes, { log, isBusy: () => bulk.isRunning });
    siteLog.onAppended((added) => summaryKeeper.decided(added));
    return new PeerRuntime({ data, catalogue, changes, summaryKeeper, policy, siteLog, binder, keeper, effects, node, retention, care, bulk, site, verifier, reports, networkKey, charter, bindings, figures, peers, joinTokens, followed, packages, remembered }, config);
  }

  /** Leaves the network, lets upkeep end, then closes the stores. */
  async onApplicationShutdown(): Promise<void> {
    try {
      this.bindings.stop();
      this.peers.stop();
      this.followed?.stop();
      await this.node.stop();
      await this.site.settled();
      await this.#remembered.settled();
      await this.#keeper.stop();
      await this.bulk.close();
      await this.verifier.close();
      await this.effects.stop();
      await this.siteLog.settled();
      await this.care.healer.settled();
      await this.retention.settled();
    } finally {
      await this.data.close();
    }
  }
}
