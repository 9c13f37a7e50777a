import { AskedProcess } from '@souk/testing/processes';
import type { PeerHost } from './peer-host.ts';
import type { HostSettings, PeerSettings } from './peer-settings.ts';

/** A peer in a process of its own: it can be killed, frozen, and started again with the same identity, folder and address. */
export class PeerProcess {
  readonly #folder: string;
  #settings: PeerSettings;
  #process: AskedProcess<PeerHost>;
  #at: { readonly id: string; readonly addresses: readonly string[] } = { id: '', addresses: [] };

  private constructor(settings: PeerSettings, folder: string) {
    this.#settings = settings;
    this.#folder = folder;
    this.#process = hostProcess();
  }

  /** Starts a peer; `folder` is its own. */
  static async start(settings: PeerSettings, folder: string): Promise<PeerProcess> {
    const peer = new PeerProcess(settings, folder);
    try {
      await peer.#begin();
      return peer;
    } catch (error) {
      await peer.kill();
      throw error;
    }
  }

  get name(): string {
    return this.#settings.name;
  }

  /** Its peer id. */
  get id(): string {
    return this.#at.id;
  }

  /** Where it can be dialled, with `/p2p/<peer id>`. */
  get address(): string {
    return this.#at.addresses[0] ?? '';
  }

  /** Asks its process, see `peer-host.ts`. */
  readonly ask: AskedProcess<PeerHost>['ask'] = (what, input) => this.#process.ask(what, input);

  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void> {
    return this.#process.stop();
  }

  /** SIGSTOP: its connections stay open, and nobody answers. */
  freeze(): void {
    this.#process.freeze();
  }

  /** SIGCONT. */
  thaw(): void {
    this.#process.thaw();
  }

  /** Starts it again after it was killed, at the same address, with the same folder; `changes` of its settings stay. */
  async restart(changes: Partial<PeerSettings> = {}): Promise<void> {
    await this.kill();
    this.#settings = { ...this.#settings, ...changes };
    this.#process = hostProcess();
    await this.#begin();
  }

  async #begin(): Promise<void> {
    const listen = this.address.split('/p2p/')[0];
    const settings: HostSettings = { ...this.#settings, folder: this.#folder, ...(listen ? { listen } : {}) };
    this.#at = await this.#process.ask('start', settings);
  }
}

/** The process of a peer, from source: nothing has to be built. */
function hostProcess(): AskedProcess<PeerHost> {
  return new AskedProcess<PeerHost>(new URL('./peer-host.ts', import.meta.url));
}
