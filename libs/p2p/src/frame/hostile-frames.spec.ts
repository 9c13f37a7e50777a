import { expect, test } from '@jest/globals';
import type { Stream } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { protocols } from '@souk/contracts';
import { seedFrom } from '@souk/domain';
import { author, network, type TestPeer } from '@souk/testing';
import { framed, framedCbor, lengthPrefix, streamEnd } from '@souk/testing/hostile';
import { createLibp2pNode, type FullLibp2p } from '../node/create-libp2p-node.ts';
import { fullPeerLimits, patientLimits } from '../node/peer-limits.ts';
import { stopLibp2p } from '../node/stop-libp2p.ts';

const patient = { ...fullPeerLimits, ...patientLimits(20) };

/** A libp2p node of the same network that keeps to none of our protocols. */
class RawPeer implements AsyncDisposable {
  readonly libp2p: FullLibp2p;
  readonly #target: TestPeer;

  private constructor(libp2p: FullLibp2p, target: TestPeer) {
    this.libp2p = libp2p;
    this.#target = target;
  }

  static async near(target: TestPeer): Promise<RawPeer> {
    const libp2p = await createLibp2pNode({ seed: seedFrom('raw'), networkKey: seedFrom('network'), listen: [], announce: [], limits: patient, rank: () => 0.5, admit: () => true });
    await libp2p.start();
    return new RawPeer(libp2p, target);
  }

  open(protocol: string): Promise<Stream> {
    return this.libp2p.dialProtocol(multiaddr(this.#target.node.multiaddrs()[0] as string), protocol);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await stopLibp2p(this.libp2p);
  }
}

const garbage: [string, Uint8Array][] = [
  ['a length beyond the limit', lengthPrefix(262_145)],
  ['a length that never ends', Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff)],
  ['a length in a longer form than needed', Uint8Array.of(0x81, 0x00)],
  ['bytes that are not dag-cbor', framed(Uint8Array.of(0xff, 0x00))],
  ['nesting without end', framed(new Uint8Array(200_000).fill(0x81))],
  ['an unknown message', framedCbor({ t: 'shutdown' })],
  ['an answer that nobody asked for', framedCbor({ t: 'nodes', nodes: [{ heads: [] }] })],
  ['nodes asked for before a greeting', framedCbor({ t: 'nodes?', at: [''] })],
  ['a path that leads nowhere', framedCbor({ t: 'nodes?', at: ['xyz'] })],
  ['more nodes than may be asked for at once', framedCbor({ t: 'nodes?', at: Array.from({ length: 33 }, () => '') })],
  ['more logs than may be asked for at once', framedCbor({ t: 'records?', logs: Array.from({ length: 65 }, () => ({ key: 'z6MkwCA2d94iki1WeVqJDcEt1Uif7dfWPbMT7i1RkJgCbjZU', from: 0 })) })],
  ['fields of wrong types', framedCbor({ t: 'hello', root: 7 })],
  ['a prototype', framed(Buffer.from('a1695f5f70726f746f5f5fa0', 'hex'))],
];

test.each([protocols.sync, protocols.blob, protocols.push])('whatever is sent over %s that is not a frame of it costs that stream and nothing else', async (protocol) => {
  await using net = network();
  const a = await net.peer('a', { role: 'super' });
  await using raw = await RawPeer.near(a);
  for (const [what, bytes] of garbage) {
    const stream = await raw.open(protocol);
    const end = streamEnd(stream);
    stream.send(bytes);
    expect([what, await end]).toEqual([what, 'reset']);
  }
  expect(a.node.links()).toHaveLength(1);
  const ada = author('ada');
  const b = await net.peer('b', { join: [a] });
  await a.publishes(...ada.records);
  await b.holds(...ada.records);
});

test.each([
  ['is opened and left idle', 50],
  ['ends inside a frame', 600_000],
])('a stream that %s is closed', async (what, frameMs) => {
  await using net = network({ limits: { frameMs } });
  const a = await net.peer('a');
  await using raw = await RawPeer.near(a);
  const stream = await raw.open(protocols.sync);
  const end = streamEnd(stream);
  if (what === 'ends inside a frame') {
    stream.send(lengthPrefix(100));
    await stream.close();
  }
  expect(await end).toBe('reset');
});

test('one peer can not hold more streams open than it may', async () => {
  await using net = network({ limits: { frameMs: 60_000 } });
  const a = await net.peer('a');
  await using raw = await RawPeer.near(a);
  await raw.open(protocols.sync);
  await raw.open(protocols.sync);
  const third = raw.libp2p.getConnections()[0]?.newStream(protocols.sync);
  expect(await third?.then(streamEnd)).toBe('reset');
});
