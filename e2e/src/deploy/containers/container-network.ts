import { randomBytes } from 'node:crypto';
import type { Podman } from './podman.ts';

/** A bridge of this machine and the containers on it. */
export class ContainerNetwork {
  readonly name: string;
  readonly podman: Podman;
  /** The address of this machine on it. */
  readonly gateway: string;
  #next = 10;

  private constructor(podman: Podman, name: string, gateway: string) {
    this.podman = podman;
    this.name = name;
    this.gateway = gateway;
  }

  /** Opens one with a range of addresses that nobody uses. */
  static async open(podman: Podman): Promise<ContainerNetwork> {
    const name = `souk-${randomBytes(4).toString('hex')}`;
    await podman.run('network', 'create', '--disable-dns', name);
    const [network] = JSON.parse(await podman.run('network', 'inspect', name)) as { subnets: { gateway: string }[] }[];
    const gateway = network?.subnets[0]?.gateway;
    if (gateway === undefined) throw new Error(`The network ${name} has no gateway.`);
    return new ContainerNetwork(podman, name, gateway);
  }

  /** An address that no other container has. */
  nextAddress(): string {
    this.#next += 1;
    return this.gateway.replace(/\d+$/, String(this.#next));
  }

  /** Removes all its containers and itself. */
  async close(): Promise<void> {
    const ids = (await this.podman.run('ps', '--all', '--quiet', `--filter=network=${this.name}`)).split('\n').filter((id) => id !== '');
    if (ids.length > 0) await this.podman.run('rm', '--force', '--time=0', ...ids);
    await this.podman.run('network', 'rm', '--force', this.name);
  }
}
