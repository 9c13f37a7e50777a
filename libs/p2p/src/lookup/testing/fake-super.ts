import { multiaddr } from '@multiformats/multiaddr';
import { LookupFrame, protocols } from '@souk/contracts';
import { seedFrom, type Lease } from '@souk/domain';
import { Channel } from '../../frame/channel.ts';
import { createLibp2pNode, type FullLibp2p } from '../../node/create-libp2p-node.ts';
import { fullPeerLimits, patientLimits } from '../../node/peer-limits.ts';
import { stopLibp2p } from '../../node/stop-libp2p.ts';

const patient = { ...fullPeerLimits, ...patientLimits(20) };

/** A super-peer that answers what a test wants; undefined breaks the stream. */
export class FakeSuper implements AsyncDisposable {
  readonly #libp2p: FullLibp2p;

  private constructor(libp2p: FullLibp2p) {
    this.#libp2p = libp2p;
  }

  static async start(answer: (frame: LookupFrame, stream: number) => LookupFrame | undefined | Promise<never>): Promise<FakeSuper> {
    const libp2p = await createLibp2pNode({ seed: seedFrom('fake'), networkKey: seedFrom('network'), listen: ['/ip4/127.0.0.1/tcp/0'], announce: [], limits: patient, isLeaf: true, rank: () => 0.5, admit: () => true });
    let streams = 0;
    await libp2p.handle(protocols.lookup, async (stream) => {
      const number = (streams += 1);
      const channel = new Channel(stream, { schema: LookupFrame });
      const step = { timeoutMs: 20_000 };
      try {
        for (let frame = await channel.receive(step); frame; frame = await channel.receive(step)) {
          const lie = await answer(frame, number);
          if (!lie) throw new Error('lost');
          await channel.send(lie, step);
        }
      } catch {
        channel.abort(new Error('lost'));
      }
    });
    await libp2p.start();
    return new FakeSuper(libp2p);
  }

  get id(): string {
    return this.#libp2p.peerId.toString();
  }

  get address(): string {
    return String(this.#libp2p.getMultiaddrs()[0]);
  }

  /** Passes a lease on to the super-peer at an address, and says that so much of its life is over; what it answers. */
  async passesOn(lease: Lease, to: string, ageMs: number): Promise<LookupFrame> {
    const stream = await this.#libp2p.dialProtocol(multiaddr(to), protocols.lookup);
    const channel = new Channel(stream, { schema: LookupFrame });
    await channel.send({ t: 'lease', statement: lease.signed, ageMs }, { timeoutMs: 20_000 });
    return channel.answer({ timeoutMs: 20_000 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await stopLibp2p(this.#libp2p);
  }
}
