import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { gossipsub, StrictNoSign, type GossipSub, type GossipSubComponents } from '@libp2p/gossipsub';
import type { CircuitRelayService } from '@libp2p/circuit-relay-v2';
import { identify, identifyPush, type Identify, type IdentifyPush } from '@libp2p/identify';
import type { ConnectionGater, Libp2p, Transport } from '@libp2p/interface';
import type { KadDHT } from '@libp2p/kad-dht';
import { memory } from '@libp2p/memory';
import { noise } from '@libp2p/noise';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { ping, type Ping } from '@libp2p/ping';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { protocols } from '@souk/contracts';
import { sha256Of } from '@souk/domain';
import { createLibp2p, type Libp2pOptions } from 'libp2p';
import { dhtOf, providerMs } from '../dht/dht-of.ts';
import { meshParams } from '../gossip/mesh-params.ts';
import { scoreParams, scoreThresholds } from '../gossip/score-params.ts';
import { tellStrangers } from '../gossip/tell-strangers.ts';
import { capConnections } from './connection-cap.ts';
import { ConnectionGate } from './connection-gate.ts';
import { handshakeMs, type PeerLimits } from './peer-limits.ts';
import { watchLinks } from '../links/link-watch.ts';
import { localDiscovery } from '../links/local-discovery.ts';
import { QuotaDatastore } from './quota-datastore.ts';
import { freeRelayPlaces, relayServer, relayTransport, type RelayOptions } from './relays.ts';
import { silentLogger } from './silent-logger.ts';
import { defaultSharedRanges, SharedRanges } from './shared-ranges.ts';

/** The libp2p services of a peer; a leaf has neither DHT nor gossip. */
export type FullServices = { ping: Ping; identify: Identify; identifyPush: IdentifyPush; dht?: KadDHT; pubsub?: GossipSub };
/** A libp2p node with these services. */
export type FullLibp2p = Libp2p<FullServices>;

/** What the profile depends on. */
export interface Libp2pProfile {
  readonly seed: Uint8Array;
  readonly networkKey?: Uint8Array | undefined;
  readonly listen: readonly string[];
  readonly announce: readonly string[];
  readonly limits: PeerLimits;
  /** Whether it takes no part in the DHT and in gossip. */
  readonly isLeaf?: boolean;
  /** Where many peers may come from one address; the default ranges unless given. */
  readonly sharedRanges?: SharedRanges;
  readonly relay?: RelayOptions | undefined;
  /** Hears of peers that multicast DNS finds; absent: it is not asked. */
  foundNearby?(addresses: readonly string[]): void;
  wrapTransport?(transport: Transport): Transport;
  /** Hears of each message that is gossiped to this peer, copies too. */
  gossiped?(topic: string, bytes: number): void;
  rank(peer: string): number;
  admit(peer: string): boolean;
}

const minute = 60_000;
/** Addresses outlive the provider records that lead to them: kad-dht hides every provider of a cid when one has no address left. */
const addressMs = providerMs + 10 * minute;
const streamWindow = 262_144;

function pubsubOf(profile: Libp2pProfile): (components: GossipSubComponents) => GossipSub {
  const make = gossipsub({
    // Records are signed by their writers; a second signature by each relaying peer would only cost.
    globalSignaturePolicy: StrictNoSign,
    msgIdFn: (message) => sha256Of(message.data).subarray(0, 20),
    allowedTopics: [protocols.headsTopic],
    dataTransform: countedBy((topic, bytes) => profile.gossiped?.(topic, bytes)),
    fallbackToFloodsub: false,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    ...meshParams,
    // Lazy gossip is off: its answers bundle messages into frames beyond our own limit, and sync brings what was missed.
    Dlazy: 0,
    gossipFactor: 0,
    heartbeatInterval: 1000,
    maxInboundDataLength: 65_536,
    maxOutboundBufferSize: 4_194_304,
    maxInboundStreams: 2,
    maxOutboundStreams: 2,
    scoreParams: scoreParams({ sharedRanges: rangesOf(profile), rank: (peer) => profile.rank(peer) }),
    scoreThresholds,
  });
  return (components) => tellStrangers(make(components));
}

/** What comes in passes here before copies are dropped; what goes out, once for all copies. */
function countedBy(count: (topic: string, bytes: number) => void): { inboundTransform(topic: string, data: Uint8Array): Uint8Array; outboundTransform(topic: string, data: Uint8Array): Uint8Array } {
  return {
    inboundTransform: (topic, data) => {
      count(topic, data.length);
      return data;
    },
    outboundTransform: (_topic, data) => data,
  };
}

function gaterOf(profile: Libp2pProfile): ConnectionGater {
  const { connectsAtOnce, connectsPerSecond, refusalsAtOnce, refusalsPerSecond } = profile.limits;
  const gate = new ConnectionGate({ perPeer: { perSecond: connectsPerSecond, burst: connectsAtOnce }, refusals: { perSecond: refusalsPerSecond, burst: refusalsAtOnce }, sharedRanges: rangesOf(profile) });
  return {
    denyDialPeer: (peer) => !profile.admit(peer.toString()),
    denyInboundConnection: (connection) => !gate.lets(connection),
    denyInboundEncryptedConnection: (peer, connection) => !profile.admit(peer.toString()) || !gate.admits(peer, connection),
    denyOutboundEncryptedConnection: (peer) => !profile.admit(peer.toString()),
  };
}

/** Part of all connections that one address group may have. */
const groupShare = 1 / 3;

function rangesOf({ sharedRanges }: Libp2pProfile): SharedRanges {
  return sharedRanges ?? new SharedRanges(defaultSharedRanges);
}

type MakeTransport = NonNullable<Libp2pOptions['transports']>[number];

function transportsOf({ limits, wrapTransport, relay }: Libp2pProfile): MakeTransport[] {
  const wrapped = (make: MakeTransport): MakeTransport => (components) => {
    const transport = make(components);
    return wrapTransport?.(transport) ?? transport;
  };
  return [wrapped(tcp({ dialOpts: { noDelay: true }, listenOpts: { noDelay: true }, maxConnections: limits.connections + limits.pendingInbound })), wrapped(memory()), ...(relay ? [relayTransport] : [])];
}

function connectionLimits(limits: PeerLimits): Partial<Record<'maxConnections' | 'inboundConnectionThreshold' | 'maxIncomingPendingConnections' | 'maxParallelDials' | 'dialTimeout' | 'addressDialTimeout' | 'inboundUpgradeTimeout' | 'inboundStreamProtocolNegotiationTimeout' | 'outboundStreamProtocolNegotiationTimeout', number>> {
  const ms = handshakeMs(limits);
  return {
    maxConnections: limits.connections,
    inboundConnectionThreshold: limits.inboundPerSecond,
    maxIncomingPendingConnections: limits.pendingInbound,
    maxParallelDials: 16,
    dialTimeout: 2 * ms,
    addressDialTimeout: ms,
    // Whoever is dialled is as patient as who dials, or a busy machine would get no link on either side.
    inboundUpgradeTimeout: 2 * ms,
    inboundStreamProtocolNegotiationTimeout: 2 * ms,
    outboundStreamProtocolNegotiationTimeout: 2 * ms,
  };
}

/** A libp2p node, not started: TCP (and memory for `/memory/...` addresses), Noise closed by the network key, yamux; kad-dht and gossipsub but for a leaf. */
export async function createLibp2pNode(profile: Libp2pProfile): Promise<FullLibp2p> {
  const { limits } = profile;
  const privateKey = await generateKeyPairFromSeed('Ed25519', profile.seed);
  const streamOptions = { initialStreamWindowSize: streamWindow, maxStreamWindowSize: streamWindow, maxReadBufferLength: 4 * streamWindow };
  const libp2p = await createLibp2p({
    start: false,
    logger: silentLogger,
    privateKey,
    nodeInfo: { name: 'souk', version: '1', userAgent: 'souk/1' },
    addresses: { listen: [...profile.listen], announce: [...profile.announce] },
    transports: transportsOf(profile),
    connectionEncrypters: [noise(profile.networkKey ? { prologueBytes: profile.networkKey } : {})],
    ...(profile.foundNearby ? { peerDiscovery: [localDiscovery(profile.networkKey, (addresses) => profile.foundNearby?.(addresses))] } : {}),
    streamMuxers: [yamux({ maxInboundStreams: limits.streams, maxOutboundStreams: limits.streams, enableKeepAlive: false, streamOptions })],
    connectionManager: connectionLimits(limits),
    connectionMonitor: { enabled: false },
    connectionGater: gaterOf(profile),
    datastore: new QuotaDatastore(peerIdFromPrivateKey(privateKey), limits),
    peerStore: { maxAddressAge: addressMs, maxPeerAge: addressMs },
    services: {
      ping: ping({ protocolPrefix: 'souk' }),
      identify: identify({ protocolPrefix: 'souk', timeout: handshakeMs(limits) }),
      identifyPush: identifyPush({ protocolPrefix: 'souk', debounce: 100 }),
      ...(profile.relay?.serve ? { relay: relayServer(profile.relay.serve) } : {}),
      ...(profile.isLeaf ? {} : { dht: dhtOf(limits), pubsub: pubsubOf(profile) }),
    },
  });
  const { relay } = libp2p.services as { relay?: CircuitRelayService };
  if (relay) freeRelayPlaces(libp2p, relay);
  const node = libp2p as unknown as FullLibp2p;
  watchLinks(node, { everyMs: limits.pingMs, answerMs: 2 * handshakeMs(limits) });
  capConnections(node, { perPeer: limits.connectionsPerPeer, perGroup: Math.ceil(limits.connections * groupShare), sharedRanges: rangesOf(profile) });
  return node;
}
