import { Resolver } from 'node:dns/promises';
import type { Log } from '@souk/nest';
import { resolveAddress, standsForMany, type NameResolver } from './resolve-addresses.ts';

/** How long one question to one name server may take, in milliseconds, and how often it is put. */
const question = { timeout: 2000, tries: 2 } as const;

/** What looking names up again and again needs. */
export interface DnsDiscoveryNeeds {
  /** Addresses, some of which stand for several. */
  readonly addresses: readonly string[];
  /** Name servers as `HOST:PORT`; those of the system unless given. */
  readonly servers?: readonly string[] | undefined;
  readonly everyMs: number;
  readonly log: Log;
  /** Hears of all addresses when they changed. */
  changed(addresses: readonly string[]): void;
}

/**
 * Keeps addresses that stand in DNS level with it: pods come and go behind a headless service. What a name stood for stays when DNS does not answer:
 * a name server that is down forgets nobody.
 */
export class DnsDiscovery {
  readonly #needs: DnsDiscoveryNeeds;
  readonly #resolver: Resolver & NameResolver;
  readonly #known = new Map<string, readonly string[]>();
  #told: string;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(needs: DnsDiscoveryNeeds) {
    this.#needs = needs;
    this.#resolver = new Resolver(question);
    if (needs.servers) this.#resolver.setServers(needs.servers);
    this.#told = this.addresses().join(' ');
  }

  /** What is known now; addresses that stand for several are missing until they were looked up. */
  addresses(): readonly string[] {
    return [...new Set(this.#needs.addresses.flatMap((one) => this.#known.get(one) ?? (standsForMany(one) ? [] : [one])))];
  }

  /** Looks everything up and answers what is known then; from now on it is looked up again and again. Never throws. */
  async start(): Promise<readonly string[]> {
    await this.#look();
    return this.addresses();
  }

  /** Ends. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#resolver.cancel();
  }

  async #look(): Promise<void> {
    const many = this.#needs.addresses.filter(standsForMany);
    if (many.length === 0) return;
    await Promise.all(many.map((one) => this.#lookUp(one)));
    if (this.#isStopped) return;
    const addresses = this.addresses();
    const text = addresses.join(' ');
    if (text !== this.#told) this.#needs.changed(addresses);
    this.#told = text;
    this.#timer = setTimeout(() => void this.#look(), this.#needs.everyMs * (0.9 + Math.random() / 5));
  }

  async #lookUp(address: string): Promise<void> {
    try {
      this.#known.set(address, await resolveAddress(address, this.#resolver));
    } catch (error) {
      if (!this.#isStopped) this.#needs.log.warn('DNS does not say where peers are; what was known stays', { address, error });
    }
  }
}
