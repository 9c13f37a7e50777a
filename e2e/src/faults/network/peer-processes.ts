import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PeerProcess } from './peer-process.ts';
import type { PeerSettings } from './peer-settings.ts';

/** Peers in processes of their own, over TCP on loopback, of the same network as those of `network()` of @souk/testing. */
export class PeerProcesses implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'souk-faults-'));
  readonly #peers: PeerProcess[] = [];

  /** Starts a peer. */
  async peer(settings: PeerSettings): Promise<PeerProcess> {
    const folder = join(this.#folder, settings.name);
    mkdirSync(folder);
    const peer = await PeerProcess.start(settings, folder);
    this.#peers.push(peer);
    return peer;
  }

  /** Starts super-peers that know each other and are linked. */
  async supers(names: readonly string[], settings: Omit<PeerSettings, 'name'> = {}): Promise<PeerProcess[]> {
    const supers = await Promise.all(names.map((name) => this.peer({ ...settings, name, role: 'super' })));
    const addresses = supers.map((one) => one.address);
    await Promise.all(supers.map((one) => one.ask('setSupers', addresses)));
    await Promise.all(supers.map((one) => one.ask('hasSupers', supers.length - 1)));
    return supers;
  }

  /** Kills every process. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#peers.splice(0).map((peer) => peer.kill()));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Processes for one test: `await using world = peerProcesses()`, then `await world.peer({ name: 'a' })`. */
export function peerProcesses(): PeerProcesses {
  return new PeerProcesses();
}
