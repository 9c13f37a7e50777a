import type { Log } from '@souk/nest';
import type { PeerNode } from '@souk/p2p';
import type { PeerConfig } from '../config.ts';
import { supersOf, type HoldsCharter } from '../network/chartered.ts';
import { DnsDiscovery } from './dns-discovery.ts';

/** What finding peers needs. */
export interface FindPeersNeeds {
  readonly config: Pick<PeerConfig, 'role' | 'supers' | 'dnsServers' | 'dnsSeconds'>;
  /** Addresses of peers that this one was told to join. */
  readonly invited: readonly string[];
  readonly charter: HoldsCharter;
  readonly log: Log;
}

/** Where first contacts and super-peers are, by configuration, DNS and the charter, for as long as the peer runs. */
export class FindPeers {
  readonly #needs: FindPeersNeeds;
  readonly #contacts: DnsDiscovery;
  readonly #supers: DnsDiscovery;
  #node: Pick<PeerNode, 'setBootstrap' | 'setSupers'> | undefined;

  constructor(needs: FindPeersNeeds) {
    const { config, invited, log } = needs;
    this.#needs = needs;
    const dns = { servers: config.dnsServers, everyMs: config.dnsSeconds * 1000, log, changed: () => this.#changed() };
    this.#contacts = new DnsDiscovery({ ...dns, addresses: invited });
    this.#supers = new DnsDiscovery({ ...dns, addresses: config.supers ?? [] });
  }

  /** First contacts, as far as they are known. */
  contacts(): readonly string[] {
    return this.#contacts.addresses();
  }

  /** Super-peers, as far as they are known. */
  supers(): readonly string[] {
    const { config, charter } = this.#needs;
    return supersOf(charter.current(), { role: config.role, supers: config.supers && this.#supers.addresses(), invited: this.contacts() });
  }

  /** Tells a node from now on; answers the first contacts when DNS was asked once. */
  async start(node: Pick<PeerNode, 'setBootstrap' | 'setSupers'>): Promise<readonly string[]> {
    this.#node = node;
    const [contacts] = await Promise.all([this.#contacts.start(), this.#supers.start()]);
    return contacts;
  }

  /** The charter changed. */
  charterChanged(): void {
    this.#node?.setSupers(this.supers());
  }

  /** Ends. */
  stop(): void {
    this.#contacts.stop();
    this.#supers.stop();
  }

  #changed(): void {
    this.#node?.setBootstrap(this.contacts());
    this.#node?.setSupers(this.supers());
  }
}
