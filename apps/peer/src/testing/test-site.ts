import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromErrorBody, type Cid, type VerifiedRecord } from '@souk/domain';
import { InProcessBroker, type TransportOptions } from '@souk/nest';
import { TestPeer } from './test-peer.ts';

/** How the site of a test is set up. */
export interface TestSiteOptions {
  readonly peers: number;
  /** As `SOUK_COPIES`; its default unless given. */
  readonly copies?: number;
  /** Settings of every peer beside these. */
  readonly env?: Readonly<Record<string, string>>;
  /** How a peer is connected; all of them to one broker in this process unless given. */
  readonly transport?: TransportOptions;
}

/** Several real peers of one site with real data folders, for specs. */
export class TestSite implements AsyncDisposable {
  readonly options: TestSiteOptions;
  readonly #root: string;
  readonly #broker = new InProcessBroker();
  readonly #peers = new Map<number, TestPeer>();

  private constructor(options: TestSiteOptions, root: string) {
    this.options = options;
    this.#root = root;
  }

  /** Starts all peers and waits until they are ready. */
  static async start(options: TestSiteOptions): Promise<TestSite> {
    const site = await TestSite.prepare(options);
    await Promise.all(site.ordinals.map((ordinal) => site.run(ordinal)));
    return site;
  }

  /** A site whose peers are still to be started. */
  static async prepare(options: TestSiteOptions): Promise<TestSite> {
    return new TestSite(options, await mkdtemp(join(tmpdir(), 'souk-site-')));
  }

  /** All ordinals. */
  get ordinals(): readonly number[] {
    return Array.from({ length: this.options.peers }, (_, ordinal) => ordinal);
  }

  /** A peer that runs. */
  peer(ordinal: number): TestPeer {
    const peer = this.#peers.get(ordinal);
    if (!peer) throw new Error(`peer ${ordinal} does not run`);
    return peer;
  }

  /** Starts a peer on its data folder; `ready: false` does not wait for it. */
  async run(ordinal: number, { ready = true, env = {} }: { readonly ready?: boolean; readonly env?: Readonly<Record<string, string>> } = {}): Promise<TestPeer> {
    const { peers, copies, transport } = this.options;
    const settings = { SOUK_ORDINAL: String(ordinal), SOUK_PEERS: String(peers), SOUK_NETWORK_KEY: '5'.repeat(64), ...(copies === undefined ? {} : { SOUK_COPIES: String(copies) }), ...this.options.env, ...env };
    const peer = await TestPeer.start({ folder: this.folder(ordinal), broker: this.#broker, env: settings, ready, ...(transport ? { transport } : {}) });
    this.#peers.set(ordinal, peer);
    return peer;
  }

  /** Stops a peer; its folder stays. */
  async stop(ordinal: number): Promise<void> {
    const peer = this.peer(ordinal);
    this.#peers.delete(ordinal);
    await peer.stop();
  }

  /** Deletes the whole data folder of a peer that was stopped. */
  async empty(ordinal: number): Promise<void> {
    await rm(this.folder(ordinal), { recursive: true, force: true });
  }

  /** A peer's data folder. */
  folder(ordinal: number): string {
    return join(this.#root, `peer-${ordinal}`);
  }

  /** Uploads a blob to the primary and appends records there; how many were new. Throws what either is refused for. */
  async publish({ cid, bytes }: { readonly cid: Cid; readonly bytes: Uint8Array<ArrayBuffer> }, records: readonly VerifiedRecord[]): Promise<number> {
    const uploaded = await this.peer(0).upload(cid, bytes);
    if (!uploaded.ok) throw fromErrorBody(await uploaded.json(), 'UNAVAILABLE');
    return (await this.peer(0).append(...records)).added;
  }

  /** How many records each running peer holds. */
  async arrivals(): Promise<number[]> {
    return Promise.all([...this.#peers.values()].map(async ({ runtime }) => (await runtime.data.logs.size()).arrival));
  }

  /** On which of the running peers a blob is on disk. */
  async holders(cid: Cid): Promise<number[]> {
    const held = await Promise.all([...this.#peers].map(async ([ordinal, { runtime }]) => ((await runtime.data.blobs.size(cid)) === undefined ? [] : [ordinal])));
    return held.flat().sort((a, b) => a - b);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#peers.keys()].map((ordinal) => this.stop(ordinal)));
    await rm(this.#root, { recursive: true, force: true });
  }
}
