import { protocols } from '@souk/contracts';
import { sha256Of, seedFrom, OwnLease, signerOf } from '@souk/domain';
import { wrongBytes } from '@souk/testing/hostile';

/** A stream that goes wrong: what is sent on it, one frame after the other, and by which code the peer ends it. */
export interface WrongStream {
  readonly protocol: string;
  readonly what: string;
  /** Values that are frames, each sent when the one before was answered; the last one is wrong. */
  readonly frames?: readonly unknown[];
  /** Bytes that are no frame. */
  readonly bytes?: Uint8Array;
  /** Whether the stream is ended behind them. */
  readonly isCut?: boolean;
  readonly code: string;
}

const root = '0'.repeat(64);
const signer = signerOf(seedFrom('peer/raw'));
const lease = new OwnLease({ signer, role: 'leaf', epoch: 1 }).renew(['/ip4/127.0.0.1/tcp/9']);
const noHashes = { t: 'hashes', peer: lease.peer, filled: new Uint8Array(32), hashes: new Uint8Array(0) };

/** Frames that are well formed and stand where they must not. */
const outOfOrder: readonly [protocol: string, what: string, frames: readonly unknown[]][] = [
  [protocols.sync, 'an answer that nobody asked for', [{ t: 'nodes', nodes: [{ heads: [] }] }]],
  [protocols.sync, 'nodes asked for before a greeting', [{ t: 'nodes?', at: [''] }]],
  [protocols.sync, 'a second greeting', [{ t: 'hello', root: '1'.repeat(64) }, { t: 'hello', root }]],
  [protocols.lookup, 'an answer that nobody asked for', [{ t: 'leased' }]],
  [protocols.lookup, 'hashes of a lease that was not brought', [noHashes]],
  [protocols.lookup, 'hashes that the lease did not sign', [{ t: 'lease', statement: lease.signed }, { ...noHashes, filled: Uint8Array.of(1, ...new Uint8Array(31)), hashes: sha256Of(new Uint8Array(1)) }]],
  [protocols.lookup, 'buckets before their hashes', [{ t: 'buckets', peer: lease.peer, buckets: [{ bucket: 0, digests: new Uint8Array(32) }] }]],
  [protocols.blob, 'an answer that nobody asked for', [{ t: 'size', size: 3 }]],
  [protocols.blob, 'bytes that nobody asked for', [{ t: 'bytes', bytes: new Uint8Array(1000) }]],
  [protocols.push, 'a root where it was to follow', [{ t: 'root', root }]],
  [protocols.push, 'news where it was to follow', [{ t: 'behind' }]],
  [protocols.query, 'an answer that nobody asked for', [{ t: 'records', records: [], more: false }]],
  [protocols.query, 'hits behind a question', [{ t: 'packages?', names: ['kit'] }, { t: 'found', total: 0, hits: [], facets: { kind: [], keyword: [], license: [] } }]],
  [protocols.network, 'an answer that nobody asked for', [{ t: 'version', version: 3 }]],
  [protocols.network, 'nodes that nobody asked for', [{ t: 'tree', nodes: [{ heads: [] }] }]],
];

/** Every wrong stream of the protocols of ours: malformed, oversize, truncated, out of order. */
export function wrongStreams(): WrongStream[] {
  const ours = [protocols.sync, protocols.lookup, protocols.blob, protocols.push, protocols.query, protocols.network];
  const malformed = ours.flatMap((protocol) => wrongBytes.map(({ what, bytes, isCut = false }) => ({ protocol, what, bytes, isCut, code: isCut ? 'PEER_UNREACHABLE' : 'BAD_FRAME' })));
  return [...malformed, ...outOfOrder.map(([protocol, what, frames]) => ({ protocol, what, frames, code: 'BAD_FRAME' }))];
}

/** `/meshsub` as gossipsub speaks it. */
export const gossipProtocol = '/meshsub/1.2.0';

function field(number: number, bytes: Uint8Array): Uint8Array {
  return Uint8Array.of((number << 3) | 2, ...lengthOf(bytes.length), ...bytes);
}

function lengthOf(length: number): number[] {
  return length < 0x80 ? [length] : [(length & 0x7f) | 0x80, ...lengthOf(length >>> 7)];
}

/** A gossiped message as an RPC of gossipsub: protobuf with the data and the topic. */
export function gossiped(data: Uint8Array, topic: string): Uint8Array {
  const rpc = field(2, Uint8Array.of(...field(2, data), ...field(4, Buffer.from(topic))));
  return Uint8Array.of(...lengthOf(rpc.length), ...rpc);
}

/** What is no gossip, by what is wrong with it. */
export const wrongGossip: readonly [what: string, bytes: Uint8Array][] = [
  ['bytes that are no protobuf', Uint8Array.of(4, 0xff, 0xff, 0xff, 0xff)],
  ['an empty message', Uint8Array.of(0)],
  ['data that is no record', gossiped(Uint8Array.of(0xff), protocols.headsTopic)],
  ['data that is nested without end', gossiped(new Uint8Array(30_000).fill(0x81), protocols.headsTopic)],
  ['a foreign topic', gossiped(Uint8Array.of(0xa0), 'elsewhere')],
  ['a message beyond the limit', Uint8Array.of(...lengthOf(65_537))],
  ['a length that never ends', new Uint8Array(12).fill(0xff)],
];
