import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { protocols } from '@souk/contracts';
import { maxLeaseMs, OwnLease, type Lease, type Signer } from '@souk/domain';
import { RawPeer } from '@souk/testing/hostile';

type Frame = NonNullable<Awaited<ReturnType<Parameters<Parameters<RawPeer['serve']>[1]>[0]['next']>>>;

/** A lease as its peer signs it, at an address where it may or may not be. */
export function leaseOf(signer: Signer, address: string): Lease {
  return new OwnLease({ signer, role: 'leaf', epoch: 1 }).renew([address]);
}

/** A super-peer that takes every lease and names these providers, whatever it is asked for. */
export class LyingSuper implements AsyncDisposable {
  readonly #raw: RawPeer;
  #named: readonly Lease[] = [];

  private constructor(raw: RawPeer) {
    this.#raw = raw;
  }

  /** Starts one that knows nobody. */
  static async start(networkKey: Uint8Array): Promise<LyingSuper> {
    const raw = await RawPeer.start({ name: 'liar', networkKey });
    const liar = new LyingSuper(raw);
    await raw.serve(protocols.lookup, async (stream) => {
      for (let asked = await stream.next(); asked; asked = await stream.next()) stream.frame(liar.#answer(asked));
    });
    return liar;
  }

  get id(): string {
    return this.#raw.id;
  }

  get address(): string {
    return this.#raw.address;
  }

  /** Names these from now on. */
  names(...leases: readonly Lease[]): void {
    this.#named = leases;
  }

  #answer({ t, cids }: Frame): unknown {
    if (t === 'have?') return { t: 'have', cids: [] };
    if (t !== 'find?') return { t: 'leased' };
    const leases = this.#named.map(({ signed }) => ({ statement: signed, leftMs: maxLeaseMs }));
    return { t: 'found', leases, answers: (cids as string[]).map((cid) => ({ cid, providers: leases.map((_, at) => at) })) };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#raw[Symbol.asyncDispose]();
  }
}

/** A peer that says it has whatever it is asked for, and delivers as many wrong bytes as are asked for, or, when it is `empty`, says that it has nothing after all. */
export async function falseProvider(name: string, networkKey: Uint8Array, { isEmpty = false } = {}): Promise<RawPeer> {
  const raw = await RawPeer.start({ name, networkKey });
  await raw.serve(protocols.blob, async (stream) => {
    for (let asked = await stream.next(); asked; asked = await stream.next()) {
      const length = Number(asked['length']);
      if (asked.t === 'have?') stream.frame({ t: 'have', cids: asked['cids'] });
      else if (isEmpty) stream.frame({ t: 'error', code: 'BLOB_NOT_FOUND', message: 'gone' });
      else {
        stream.frame({ t: 'size', size: length });
        for (let at = 0; at < length; at += 100_000) stream.frame({ t: 'bytes', bytes: new Uint8Array(Math.min(100_000, length - at)).fill(7) });
      }
    }
  });
  return raw;
}

/** An address at which nobody is any more: whoever dials it is hung up on, and counted. */
export class DeadAddress implements AsyncDisposable {
  readonly #server: Server;
  #dials = 0;

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#dials += 1;
      socket.destroy();
    });
  }

  /** Opens one. */
  static async open(): Promise<DeadAddress> {
    const dead = new DeadAddress(createServer());
    dead.#server.listen(0, '127.0.0.1');
    await once(dead.#server, 'listening');
    return dead;
  }

  /** Dials since this was asked last. */
  takeDials(): number {
    const dials = this.#dials;
    this.#dials = 0;
    return dials;
  }

  /** As a multiaddr. */
  get address(): string {
    return `/ip4/127.0.0.1/tcp/${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
  }
}
