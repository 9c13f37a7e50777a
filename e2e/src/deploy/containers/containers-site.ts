import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { natsServerConfig, serviceNames, type ServiceName } from '@souk/contracts';
import type { Ended } from '../../scenario/child.ts';
import { Site, type SitePlace } from '../../scenario/site.ts';
import { until } from '../../scenario/until.ts';
import { Container, type ContainerOptions } from './container.ts';
import type { ContainerNetwork } from './container-network.ts';
import { imageOf } from './images.ts';

/** Where the containers of a site run, and how many of its peers there are. */
export interface ContainersSitePlace extends SitePlace {
  readonly network: ContainerNetwork;
  readonly peers: number;
}

/** The user that the images run as. */
const uid = 10_001;
const [apiPort, probePort, natsPort] = [7685, 7687, 4222];
const secret = (): string => randomBytes(24).toString('hex');

/** A real site of one container per service, of NATS and of peers that each have a volume. */
export class ContainersSite extends Site {
  readonly #network: ContainerNetwork;
  readonly #containers = new Map<string, Container>();
  readonly #options = new Map<string, () => ContainerOptions>();
  readonly #passwords = Object.fromEntries(serviceNames.map((name) => [name, secret()])) as Record<ServiceName, string>;
  readonly #siteSecret = secret();
  readonly #networkKey = randomBytes(32).toString('hex');
  readonly #home: string;
  #join: Site | undefined;
  #known: { readonly invite: string; readonly peerId: string } | undefined;

  constructor(name: string, { network, peers, ...place }: ContainersSitePlace) {
    super(name, place);
    this.#network = network;
    this.#home = dirname(dirname(place.data));
    this.with({ SOUK_TOKEN: secret() });
    this.#plan('nats', () => this.#nats());
    for (let ordinal = 0; ordinal < peers; ordinal += 1) this.#plan(`peer-${ordinal}`, () => this.#peer(ordinal, peers));
    for (const service of ['search', 'install', 'reputation', 'gateway'] as const) this.#plan(service, () => ({ image: imageOf(service), env: { ...this.#serviceEnv(service), SOUK_PEERS: String(peers), ...(service === 'gateway' ? { SOUK_TOKEN: this.token ?? '', SOUK_SITE_SECRET: this.#siteSecret } : {}) } }));
  }

  override joins(other: Site): this {
    this.#join = other;
    return this;
  }

  override get url(): string {
    return `http://${this.container('gateway').ip}:${apiPort}`;
  }

  override get urls(): readonly string[] {
    return [this.url];
  }

  override get invite(): string {
    return this.#announced.invite;
  }

  override get peerId(): string {
    return this.#announced.peerId;
  }

  override get log(): string {
    return [...this.#containers.values()].map(({ log }) => log).join('');
  }

  override get isRunning(): boolean {
    return [...this.#containers.values()].some((container) => container.isRunning);
  }

  override get bugs(): string[] {
    return [...super.bugs, ...[...this.#containers].flatMap(([part, { falls }]) => falls.map(({ code, stderr }) => `${part} ended by itself with ${code}: ${stderr.slice(-1000)}`))];
  }

  /** One of its containers: nats, peer-0, peer-1, search, install, reputation, gateway. */
  container(part: string): Container {
    const container = this.#containers.get(part);
    if (!container) throw new Error(`The site ${this.name} has no container ${part}.`);
    return container;
  }

  /** Where a service answers probes. */
  probes(part: string): string {
    return part === 'gateway' ? this.url : `http://${this.container(part).ip}:${probePort}`;
  }

  /** What `/readyz` of a service says, with 0 for no answer. */
  async readiness(part: string): Promise<{ status: number; text: string }> {
    return fetch(new URL('/readyz', this.probes(part)), { signal: AbortSignal.timeout(10_000) }).then(async (answer) => ({ status: answer.status, text: await answer.text() }), (error: unknown) => ({ status: 0, text: String(error) }));
  }

  /** Starts one container, or one that ended again, with other variables if some are given; waits for nothing. */
  begin(part: string, env: Readonly<Record<string, string>> = {}): void {
    const options = this.#options.get(part)?.();
    if (!options) throw new Error(`The site ${this.name} has no container ${part}.`);
    this.container(part).start({ ...options, env: { ...options.env, ...env } });
  }

  /** Resolves when a service is ready. */
  async ready(part: string): Promise<void> {
    await until({ what: `${part} of ${this.name} to be ready`, read: () => this.readiness(part), isDone: ({ status }) => status === 200, deadlineMs: 300_000 });
  }

  override async start(): Promise<this> {
    for (const part of this.#options.keys()) this.begin(part);
    for (const part of this.#options.keys()) if (part !== 'nats') await this.ready(part);
    const { invite } = (await this.post('/v1/network/invites', {})).body as { invite: string };
    this.#known = { invite, peerId: (await this.status()).peerId };
    return this;
  }

  /** Asks all to stop, those first that others need least, and answers the worst end. */
  override async stop(): Promise<Ended> {
    let worst: Ended = { code: 0, stdout: '', stderr: '' };
    for (const part of [...this.#options.keys()].toReversed()) {
      const ended = await this.container(part).end('TERM');
      // NATS says by 1 that it was told to end.
      if (part !== 'nats' && ended.code !== 0) worst = ended;
    }
    return worst;
  }

  override async kill(part?: string): Promise<void> {
    const parts = part === undefined ? [...this.#options.keys()] : [part];
    await Promise.all(parts.map((one) => this.container(one)).filter(({ isRunning }) => isRunning).map((container) => container.end('KILL')));
  }

  get #announced(): { readonly invite: string; readonly peerId: string } {
    if (!this.#known) throw new Error(`The site ${this.name} has not been started yet.`);
    return this.#known;
  }

  #plan(part: string, options: () => ContainerOptions): void {
    this.#containers.set(part, new Container(this.#network, `${this.name}-${part}`));
    this.#options.set(part, options);
  }

  #serviceEnv(service: ServiceName): Record<string, string> {
    return { SOUK_NATS_URL: `nats://${this.container('nats').ip}:${natsPort}`, SOUK_NATS_PASSWORD: this.#passwords[service], SOUK_LOG_LEVEL: 'info' };
  }

  #nats(): ContainerOptions {
    const file = join(this.#folder('nats'), 'nats.conf');
    writeFileSync(file, natsServerConfig(this.#passwords));
    chmodSync(file, 0o644);
    return { image: imageOf('nats'), mounts: [{ from: file, to: '/nats.conf', mode: 'ro' }], words: ['--config', '/nats.conf', '--port', String(natsPort)] };
  }

  #peer(ordinal: number, peers: number): ContainerOptions {
    const isNew = this.#known === undefined;
    const network: Record<string, string> = this.#join !== undefined ? { SOUK_JOIN: this.#join.invite } : isNew ? { SOUK_NETWORK_KEY: this.#networkKey } : {};
    const env = { ...this.#serviceEnv('peer'), ...network, SOUK_SITE_SECRET: this.#siteSecret, SOUK_ORDINAL: String(ordinal), SOUK_PEERS: String(peers), SOUK_P2P_PATIENCE: '5' };
    const volume = this.#folder(`peer-${ordinal}`);
    chownSync(volume, uid, uid);
    return { image: imageOf('peer'), env, mounts: [{ from: volume, to: '/data', mode: 'rw' }] };
  }

  #folder(name: string): string {
    const folder = join(this.#home, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }
}
