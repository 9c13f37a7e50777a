import type { NetworkFrame } from '@souk/contracts';
import { isSoukError } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import type { StepOptions } from '../frame/frame-stream.ts';
import type { PeerLog } from '../node/peer-log.ts';
import { Slots } from '../node/slots.ts';
import type { FreshSigner } from './fresh-signer.ts';
import { askForSupers, levelCharters, serveNetwork, type CharterHolder } from './network-exchange.ts';

/** Exchanges at once, the longest silence in one, and the longest of them, in milliseconds: who answers each question late would keep a lane for hours. */
const lanes = 8;
const answerMs = 5000;
const longestMs = 60_000;

/** What talking about the network needs. */
export interface NetworkTalkNeeds {
  readonly charter: CharterHolder | undefined;
  /** What this super-peer signs to be there; undefined for other roles. */
  readonly signer: FreshSigner | undefined;
  readonly log: PeerLog;
  open(peer: string, signal: AbortSignal): Promise<Channel<NetworkFrame>>;
  linked(): readonly string[];
  /** Addresses of super-peers that others may be told of. */
  supers(): readonly string[];
  /** The zone that this peer is in, where it was told. */
  readonly zone: string | undefined;
  /** Longest exchange that this side begins, in milliseconds; a minute unless given. */
  readonly longestMs?: number;
  /** Hears of super-peers that another one told of. */
  onSupers(addresses: readonly string[]): void;
  /** Hears which zone a super-peer says it is in; undefined when it does not say. */
  onZone(peer: string, zone: string | undefined): void;
}

/** Brings the newest charter to whoever is linked, and asks super-peers for others of their kind. */
export class NetworkTalk {
  readonly #needs: NetworkTalkNeeds;
  readonly #slots = new Slots(lanes);
  readonly #stopping = new AbortController();

  constructor(needs: NetworkTalkNeeds) {
    this.#needs = needs;
  }

  /** This peer dialled another one: whichever has the newer charter gives it. */
  dialled(peer: string): void {
    const { charter } = this.#needs;
    if (charter?.authority() !== undefined) void this.with(peer, (channel, step) => levelCharters(channel, this.#taking(charter), peer, step));
  }

  /** The charter that is held changed: everybody who is linked gets it. */
  changed(): void {
    for (const peer of this.#needs.linked()) this.dialled(peer);
  }

  /** A super-peer was linked: it is asked for its zone, and for others where no charter says who they are. */
  superCame(peer: string): void {
    const { charter, onSupers, onZone } = this.#needs;
    let zone: string | undefined;
    const ask = this.with(peer, async (channel, step) => {
      const told = await askForSupers(channel, step);
      zone = told.zone;
      if (!charter?.current()) onSupers(told.addresses);
    });
    void ask.then(() => onZone(peer, zone));
  }

  /** Answers a stream. Throws what `serveNetwork` throws. */
  serve(channel: Channel<NetworkFrame>, peer: string, signal: AbortSignal): Promise<void> {
    const { charter, supers, zone, signer } = this.#needs;
    return serveNetwork(channel, peer, { charter: charter && this.#taking(charter), supers, zone, signer }, { timeoutMs: answerMs, signal });
  }

  /** Ends what is under way. */
  stop(): void {
    this.#stopping.abort();
  }

  /** Whoever is linked is told of what was taken over. */
  #taking(charter: CharterHolder): CharterHolder {
    return {
      authority: () => charter.authority(),
      current: () => charter.current(),
      offer: async (signed, from) => {
        const isNew = await charter.offer(signed, from);
        if (isNew) this.changed();
        return isNew;
      },
    };
  }

  /** Runs an exchange with a peer, when it is its turn. Never throws: what fails is logged. */
  async with(peer: string, work: (channel: Channel<NetworkFrame>, step: StepOptions) => Promise<void>): Promise<void> {
    const run = async (): Promise<void> => {
      const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(this.#needs.longestMs ?? longestMs)]);
      const channel = await this.#needs.open(peer, signal);
      try {
        await work(channel, { timeoutMs: answerMs, signal });
        await channel.close();
      } catch (error) {
        channel.abort(error instanceof Error ? error : new Error(String(error)));
        throw error;
      }
    };
    await this.#slots.run(run, this.#stopping.signal).catch((error: unknown) => this.#report(peer, error));
  }

  #report(peer: string, error: unknown): void {
    if (this.#stopping.signal.aborted) return;
    const isTheirs = isSoukError(error) && ['BAD_FRAME', 'BAD_CHARTER', 'BAD_STATEMENT', 'BAD_SIGNATURE'].includes(error.code);
    if (isTheirs) this.#needs.log.warn('a peer told something wrong about the network', { peer, error });
    else this.#needs.log.debug('nothing was exchanged about the network', { peer, error });
  }
}
