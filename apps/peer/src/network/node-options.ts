import { defaultLookupLimits, patientLimits, type PeerNodeOptions, type QuerySource } from '@souk/p2p';
import type { PeerConfig } from '../config.ts';
import type { FindPeers } from '../discovery/find-peers.ts';
import type { RuntimeNeeds } from '../peer-runtime.ts';
import type { FollowedList } from '../query/followed-list.ts';
import type { SiteLog } from '../site-log/site-log.ts';
import { announcedAddresses } from './announced-addresses.ts';
import type { CharterKeeper } from './charter-keeper.ts';
import { introductionLimits } from './chartered.ts';
import type { NetworkFigures } from './network-figures.ts';
import { traceHook, trafficTap } from './peer-telemetry.ts';
import type { Remembered } from './remembered.ts';

/** What a peer knows of its network before it starts. */
export interface KnownNetwork {
  readonly networkKey: Uint8Array | undefined;
  /** Where others are. */
  readonly peers: FindPeers;
  readonly remembered: Remembered;
  readonly charter: CharterKeeper;
  readonly figures: NetworkFigures;
  /** What is followed, where that is not everything. */
  readonly followed: FollowedList | undefined;
}

/** What a peer is beside its place in a network: its keys, the site's log, and what answers the questions of others. */
export interface PeerItself {
  readonly seeds: readonly [Uint8Array, ...Uint8Array[]];
  readonly siteLog: SiteLog;
  readonly answers: QuerySource;
}

/** What a peer's node is made with: its settings, what it knows of its network, and who judges and counts. */
export function nodeOptions(config: PeerConfig, { scores, metrics, spans }: Pick<RuntimeNeeds, 'scores' | 'metrics' | 'spans'>, known: KnownNetwork & PeerItself): PeerNodeOptions {
  const { seeds, networkKey, peers, remembered, siteLog, charter, figures, followed, answers } = known;
  const [seed, ...furtherSeeds] = seeds;
  const announce = announcedAddresses(config);
  const waiting = metrics.counter('souk_introductions_deferred_total');
  return {
    seed,
    furtherSeeds,
    ...(networkKey ? { networkKey } : {}),
    ...(announce ? { announce } : {}),
    bootstrap: peers.contacts(),
    remembered: remembered.addresses,
    onRemember: (addresses) => remembered.keep({ addresses: [...addresses] }),
    maxBlobBytes: config.maxBlob,
    limits: { ...patientLimits(config.patience), uploadRate: config.uploadRate ?? Infinity, downloadRate: config.downloadRate ?? Infinity },
    lookupLimits: { answerMs: defaultLookupLimits.answerMs * config.patience },
    introductions: {
      perDay: introductionLimits({ logs: config.introducedLogs, names: config.introducedNames, bytes: config.introducedBytes }, charter),
      deferred: (_peer, logs) => waiting.add({}, logs),
    },
    rank: (peer) => scores.of(peer),
    admit: (id) => siteLog.state.bans.of({ type: 'peer', id }, Date.now()) === undefined,
    trace: traceHook(spans, networkKey !== undefined),
    tap: trafficTap(metrics),
    ...(config.sharedRanges ? { sharedRanges: config.sharedRanges } : {}),
    role: config.role,
    mirror: config.mirror === 'on',
    ...(followed ? { follows: followed } : {}),
    ...(config.role === 'super' ? { answers } : {}),
    charter,
    freshness: { superPeers: () => charter.current()?.supers.map((one) => one.peer) ?? [], staleMs: config.staleHours * 3_600_000 },
    mdns: config.mdns === 'on',
    relay: { use: config.relay === 'use', ...(config.relayPeers === 0 ? {} : { serve: { reservations: config.relayPeers, bytes: config.relayBytes, ms: config.relaySeconds * 1000 } }) },
    supers: peers.supers(),
    ...(config.zone === undefined ? {} : { zone: config.zone }),
    lookupTap: figures.tap(),
  };
}
