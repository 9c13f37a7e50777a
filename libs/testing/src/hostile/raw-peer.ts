import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { identify, type Identify } from '@libp2p/identify';
import type { Connection, Libp2p } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { seedFrom, signerOf, type Signer } from '@souk/domain';
import { createLibp2p } from 'libp2p';
import { RawStream } from './raw-stream.ts';

/** Streams and connections that it allows itself and others: more than anybody else does. */
const most = 100_000;

/** A timer that libp2p 3.3 leaves running when it stops. */
interface Internals {
  readonly components?: { readonly addressManager?: { readonly _updatePeerStoreAddresses?: { stop?(): void } } };
}

/** Who a raw peer is. */
export interface RawPeerOptions {
  /** Its key follows from it, as that of a test peer of this name does. */
  readonly name: string;
  /** The network's key; absent for an open network. */
  readonly networkKey?: Uint8Array;
}

/** A libp2p node that keeps to none of our protocols and to no limit: it sends the bytes that it is told to send. */
export class RawPeer implements AsyncDisposable {
  readonly signer: Signer;
  readonly #libp2p: Libp2p<{ identify: Identify }>;

  private constructor(libp2p: Libp2p<{ identify: Identify }>, signer: Signer) {
    this.#libp2p = libp2p;
    this.signer = signer;
  }

  /** Starts one on loopback. */
  static async start({ name, networkKey }: RawPeerOptions): Promise<RawPeer> {
    const seed = seedFrom(`peer/${name}`);
    const libp2p = await createLibp2p({
      privateKey: await generateKeyPairFromSeed('Ed25519', seed),
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise(networkKey ? { prologueBytes: networkKey } : {})],
      streamMuxers: [yamux({ maxInboundStreams: most, maxOutboundStreams: most, enableKeepAlive: false })],
      connectionManager: { maxConnections: most, inboundConnectionThreshold: most, maxParallelDials: 64, maxDialQueueLength: most, dialTimeout: 60_000 },
      connectionMonitor: { enabled: false },
      services: { identify: identify({ protocolPrefix: 'souk' }) },
    });
    return new RawPeer(libp2p, signerOf(seed));
  }

  /** Its peer id. */
  get id(): string {
    return this.#libp2p.peerId.toString();
  }

  /** Where it listens, with its id. */
  get address(): string {
    return String(this.#libp2p.getMultiaddrs()[0]);
  }

  /** One more connection to the peer at an address, beside those that there are. */
  connect(address: string): Promise<Connection> {
    return this.#libp2p.dial(multiaddr(address), { force: true, signal: AbortSignal.timeout(60_000) });
  }

  /** Opens a stream of a protocol over a connection. */
  async open(connection: Connection, protocol: string): Promise<RawStream> {
    return new RawStream(await connection.newStream(protocol, { maxOutboundStreams: most, signal: AbortSignal.timeout(60_000) }));
  }

  /** Answers streams of a protocol. */
  async serve(protocol: string, answer: (stream: RawStream, peer: string) => Promise<void>): Promise<void> {
    const handler = (stream: ConstructorParameters<typeof RawStream>[0], connection: Connection): void => {
      const raw = new RawStream(stream);
      answer(raw, connection.remotePeer.toString()).catch((error: unknown) => raw.abort(error));
    };
    await this.#libp2p.handle(protocol, handler, { maxInboundStreams: most, maxOutboundStreams: most });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#libp2p.getConnections()) connection.abort(new Error('done'));
    await this.#libp2p.stop();
    (this.#libp2p as unknown as Internals).components?.addressManager?._updatePeerStoreAddresses?.stop?.();
  }
}
