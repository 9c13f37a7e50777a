import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appendRecords, makeInvite, readSelf, type AppendOutput, type EventContract } from '@souk/contracts';
import { toWire, type Cid, type VerifiedRecord } from '@souk/domain';
import { bootstrap, InProcessBroker, loadConfig, Readiness, Rpc, silentLog, type Metrics, type RunningService, type TransportOptions } from '@souk/nest';
import type { z } from 'zod';
import { PeerRuntime } from '../peer-runtime.ts';
import { peerConfig, PeerModule } from '../peer.module.ts';

const secret = 'secret-of-this-site';

/** How the peer of a test is started. */
export interface TestPeerOptions {
  /** Settings beside data folder, secret and address. */
  readonly env?: Readonly<Record<string, string>>;
  /** Data folder; a temporary one, removed at the end, unless given. */
  readonly folder?: string;
  /** Where the service counts, when a test looks. */
  readonly metrics?: Metrics;
  /** What the peers of one site share; one of its own unless given. */
  readonly broker?: InProcessBroker;
  /** How it is connected; to the broker unless given. */
  readonly transport?: TransportOptions;
  /** Whether it is waited for; true unless given. */
  readonly ready?: boolean;
}

/** A real peer service with its own broker, a real data folder and a real node on loopback, for specs. */
export class TestPeer implements AsyncDisposable {
  readonly folder: string;
  readonly ordinal: number;
  readonly broker: InProcessBroker;
  readonly #service: RunningService;
  readonly #ownsFolder: boolean;

  private constructor(folder: string, ownsFolder: boolean, broker: InProcessBroker, service: RunningService, ordinal: number) {
    this.ordinal = ordinal;
    this.folder = folder;
    this.broker = broker;
    this.#ownsFolder = ownsFolder;
    this.#service = service;
  }

  /** Starts a peer and waits until it is ready. Throws what it could not start with. */
  static async start(options: TestPeerOptions = {}): Promise<TestPeer> {
    const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'souk-peer-')));
    const broker = options.broker ?? new InProcessBroker();
    const config = loadConfig(peerConfig, { SOUK_DATA: folder, SOUK_SITE_SECRET: secret, SOUK_P2P_HOST: '127.0.0.1', SOUK_P2P_PATIENCE: '5', ...options.env });
    const service = await bootstrap(PeerModule.with(config), { name: 'peer', ordinal: config.ordinal, transport: options.transport ?? { type: 'in-process', broker }, log: silentLog, ...(options.metrics ? { metrics: options.metrics } : {}) });
    if (options.ready !== false) await service.app.get(Readiness).whenReady();
    return new TestPeer(folder, options.folder === undefined, broker, service, config.ordinal);
  }

  /** Calls the service as its neighbours do. */
  get rpc(): Rpc {
    return this.#service.app.get(Rpc);
  }

  /** What it waits for before it is ready. */
  get unmet(): readonly { readonly name: string; readonly reason?: string }[] {
    return this.#service.app.get(Readiness).unmet();
  }

  /** Resolves when it is ready. */
  async ready(): Promise<this> {
    await this.#service.app.get(Readiness).whenReady();
    return this;
  }

  /** The parts behind the service. */
  get runtime(): PeerRuntime {
    return this.#service.app.get(PeerRuntime);
  }

  /** A string that lets another peer join. */
  async invite(): Promise<string> {
    return (await this.rpc.call(makeInvite, {}, { ordinal: this.ordinal })).invite;
  }

  /** Appends records. */
  append(...records: VerifiedRecord[]): Promise<AppendOutput> {
    return this.rpc.call(appendRecords, { records: records.map(toWire) }, { ordinal: this.ordinal });
  }

  /** What the peer says of itself. */
  self(): Promise<z.output<typeof readSelf.output>> {
    return this.rpc.call(readSelf, {}, { ordinal: this.ordinal });
  }

  /** Sends a request about a blob, with the site's secret unless `headers` say otherwise. */
  blob(cid: string, init: RequestInit = {}): Promise<Response> {
    return this.blobs(init, `/${cid}`);
  }

  /** Sends a request about blobs, with the site's secret unless `headers` say otherwise. */
  async blobs(init: RequestInit = {}, path = ''): Promise<Response> {
    const { blobs } = await this.self();
    return fetch(`${blobs.url}/blobs${path}`, { ...init, headers: { authorization: `Bearer ${secret}`, ...init.headers } });
  }

  /** Uploads a blob. */
  upload(cid: Cid, bytes: NonNullable<RequestInit['body']>): Promise<Response> {
    return this.blob(cid, { method: 'PUT', body: bytes, headers: { 'content-type': 'application/octet-stream' } });
  }

  /** Listens to an event from now on; `next` waits for one that was not waited for yet. */
  hears({ subject }: EventContract): { next(): Promise<unknown>; stop(): void } {
    const heard: unknown[] = [];
    let wake = (): void => undefined;
    const connection = this.broker.connect({ name: 'listener' });
    const { unsubscribe } = connection.subscribe(subject, {}, ({ data }) => {
      heard.push(JSON.parse(new TextDecoder().decode(data)));
      wake();
    });
    const next = async (): Promise<unknown> => {
      while (heard.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return heard.shift();
    };
    return { next, stop: unsubscribe };
  }

  /** Stops the service; its folder stays. */
  stop(): Promise<void> {
    return this.#service.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    if (this.#ownsFolder) await rm(this.folder, { recursive: true, force: true });
  }
}
