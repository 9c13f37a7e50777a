import { expect, test } from '@jest/globals';
import type { Stream, StreamMessageEvent } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { protocols } from '@souk/contracts';
import { seedFrom } from '@souk/domain';
import { factsOf, network, seededBytes, until, type Changes, type TestNetwork, type TestPeer } from '@souk/testing';
import { Uint8ArrayList } from 'uint8arraylist';
import { createLibp2pNode, type FullLibp2p } from '../node/create-libp2p-node.ts';
import { parsePeerId } from '../node/links.ts';
import { fullPeerLimits, patientLimits } from '../node/peer-limits.ts';
import { stopLibp2p } from '../node/stop-libp2p.ts';

const servers = 8;
const getProviders = 3;
const findNode = 4;

const field = (number: number, bytes: Uint8Array): Uint8Array => Buffer.concat([Uint8Array.of((number << 3) | 2, bytes.length), bytes]);

/** A message of kad-dht (libp2p's specs, kad-dht, RPC messages) with its length before it: its type, and a provider where one is named. */
function kadMessage(type: number, provider?: { readonly peer: string; readonly address: string }): Uint8Array {
  const named = provider ? field(9, Buffer.concat([field(1, parsePeerId(provider.peer).toMultihash().bytes), field(2, multiaddr(provider.address).bytes)])) : new Uint8Array();
  const message = Buffer.concat([Uint8Array.of(8, type), named]);
  return Buffer.concat([Uint8Array.of(message.length), message]);
}

/** The type of the message that a stream brings first. */
async function typeAskedBy(stream: Stream): Promise<number> {
  const received = new Uint8ArrayList();
  const { promise, resolve } = Promise.withResolvers<void>();
  const onMessage = ({ data }: StreamMessageEvent): void => {
    received.append(data);
    if (received.byteLength > 2) resolve();
  };
  stream.addEventListener('message', onMessage);
  await promise;
  return received.get(2);
}

/** Servers of the DHT that answer every question at once but the one that a test is about: who has a blob. */
class KadServers implements AsyncDisposable {
  readonly #nodes: FullLibp2p[] = [];
  readonly #watchers = new Set<() => void>();
  /** Servers whose node was sought near somebody. */
  readonly known = new Set<number>();
  /** Questions for providers that wait for an answer. */
  readonly waiting: Stream[] = [];

  static async start(): Promise<KadServers> {
    const all = new KadServers();
    for (let server = 0; server < servers; server += 1) {
      const limits = { ...fullPeerLimits, ...patientLimits(20) };
      const node = await createLibp2pNode({ seed: seedFrom(`server ${server}`), networkKey: seedFrom('network'), listen: ['/ip4/127.0.0.1/tcp/0'], announce: [], limits, isLeaf: true, rank: () => 0.5, admit: () => true });
      await node.handle(protocols.kad, (stream) => all.#serve(server, stream));
      await node.start();
      all.#nodes.push(node);
    }
    return all;
  }

  readonly changes: Changes = (changed) => {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  };

  get addresses(): string[] {
    return this.#nodes.map((node) => String(node.getMultiaddrs()[0]));
  }

  /** Resolves when whatever that peer sent to any of them before has arrived: its answers to two pings come behind it. */
  async drained(peer: TestPeer): Promise<void> {
    for (let round = 0; round < 2; round += 1) await Promise.all(this.#nodes.map((node) => node.services.ping.ping(parsePeerId(peer.id))));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#nodes.map(stopLibp2p));
  }

  async #serve(server: number, stream: Stream): Promise<void> {
    const type = await typeAskedBy(stream);
    if (type === getProviders) this.waiting.push(stream);
    else stream.send(kadMessage(type));
    if (type === findNode) this.known.add(server);
    for (const watcher of this.#watchers) watcher();
  }
}

/** A peer that knows all of the servers. */
async function seekerAt(net: TestNetwork, asked: KadServers): Promise<TestPeer> {
  // It seeks no super-peers, which are questions too.
  const seeker = await net.peer('seeker', { join: asked.addresses, lookupLimits: { scoutMs: 3_600_000 }, limits: { selfQueryMs: 50, neighbours: servers } });
  await until(() => asked.known.size === servers, asked.changes);
  return seeker;
}

test('a lookup has three questions under way in the DHT, and no more while none of them is answered', async () => {
  await using asked = await KadServers.start();
  await using net = network();
  const seeker = await seekerAt(net, asked);
  const leaving = new AbortController();
  const lookup = seeker.node.lookup(factsOf(seededBytes('template', 10)).cid, { signal: leaving.signal });
  await until(() => asked.waiting.length >= 3, asked.changes);
  await asked.drained(seeker);
  expect(asked.waiting.length).toBe(3);
  leaving.abort();
  await expect(lookup).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('the first answer that names a provider ends a lookup: nobody waits for the others', async () => {
  await using asked = await KadServers.start();
  await using net = network();
  const seeker = await seekerAt(net, asked);
  const holder = await net.peer('holder');
  const lookup = seeker.node.lookup(factsOf(seededBytes('template', 10)).cid);
  await until(() => asked.waiting.length >= 3, asked.changes);
  asked.waiting[1]?.send(kadMessage(getProviders, { peer: holder.id, address: holder.node.multiaddrs()[0] as string }));
  expect(await lookup).toMatchObject({ tier: 'dht', providers: [holder.id] });
});
