import { ErrorBody } from '@souk/domain';
import { NetworkStatus } from '@souk/contracts';
import { z } from 'zod';
import { Child, type Ended } from './child.ts';
import { freePort } from './free-port.ts';
import { programs } from './repository.ts';

const Announcement = z.object({ url: z.url(), urls: z.array(z.url()).optional(), peerId: z.string(), multiaddrs: z.array(z.string()).min(1), invite: z.string().startsWith('souk1_') });

/** An answer of a site's HTTP API. */
export interface HttpAnswer {
  readonly status: number;
  /** The JSON value, or the text when it is none. */
  readonly body: unknown;
}

/** How a site refused to start. */
export interface Refusal extends Ended {
  /** The error body on standard output. */
  readonly error: ErrorBody;
}

/** Where a site keeps things and with what it runs. */
export interface SitePlace {
  /** Data folder. */
  readonly data: string;
  /** Working directory, and the folder of its temporary files. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

const startAttempts = 3;

/** A real site, started from the build as one process of its own. Its ports and data folder stay the same over restarts. */
export class Site {
  readonly name: string;
  readonly data: string;
  readonly #place: SitePlace;
  #joined: Site | undefined;
  #env: Record<string, string> = {};
  #enter: readonly string[] = [];
  #nodeOptions: readonly string[] = [];
  #ports: Record<string, string> | undefined;
  #child: Child | undefined;
  #announced: z.infer<typeof Announcement> | undefined;
  #log = '';
  readonly #crashes: Ended[] = [];

  constructor(name: string, place: SitePlace) {
    this.name = name;
    this.data = place.data;
    this.#place = place;
  }

  /** Joins the network of a site, which must run when this one starts for the first time. */
  joins(other: Site): this {
    this.#joined = other;
    return this;
  }

  /** Sets variables of its environment, from the next start on. */
  with(env: Readonly<Record<string, string>>): this {
    Object.assign(this.#env, env);
    return this;
  }

  /** Runs it by another program from the next start on, as in `nsenter ... node site`. */
  inside(enter: readonly string[]): this {
    this.#enter = enter;
    return this;
  }

  /** Gives Node these options, from the next start on. */
  tuned(options: readonly string[]): this {
    this.#nodeOptions = options;
    return this;
  }

  /** Address of its HTTP API. */
  get url(): string {
    return this.#known.url;
  }

  /** Addresses of all its gateways. */
  get urls(): readonly string[] {
    return this.#known.urls ?? [this.#known.url];
  }

  /** The secret by which others join. */
  get invite(): string {
    return this.#known.invite;
  }

  /** The id of its peer. */
  get peerId(): string {
    return this.#known.peerId;
  }

  /** What it logged, over all its starts. */
  get log(): string {
    return this.#log + (this.#child?.stderr ?? '');
  }

  /** Whether it was started and not ended since. */
  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  get #known(): z.infer<typeof Announcement> {
    if (!this.#announced) throw new Error(`The site ${this.name} has not been started yet.`);
    return this.#announced;
  }

  /** Starts it and waits until it says how it is reached. */
  async start(): Promise<this> {
    for (let attempt = 1; ; attempt += 1) {
      const child = await this.#spawn();
      const line = await child.firstLine();
      const announced = Announcement.safeParse(json(line ?? ''));
      if (announced.success) {
        this.#announced = announced.data;
        void child.ended().then((ended) => void (this.#child === child && this.#crashes.push(ended)));
        return this;
      }
      const ended = await this.#end(child);
      // Between finding a free port and listening on it another process may have taken it.
      const isPortLost = ended.stdout.includes('PORT_IN_USE') && this.#announced === undefined && attempt < startAttempts;
      if (!isPortLost) throw new Error(`The site ${this.name} did not start (${ended.code}):\n${ended.stdout}${ended.stderr}`);
      this.#ports = undefined;
    }
  }

  /** Starts it when it is expected to refuse, and answers how it did. */
  async refusal(): Promise<Refusal> {
    const child = await this.#spawn();
    const line = (await child.firstLine()) ?? '';
    if (Announcement.safeParse(json(line)).success) throw new Error(`The site ${this.name} started, although it should have refused.`);
    const ended = await this.#end(child);
    const error = ErrorBody.safeParse(json(line));
    if (!error.success) throw new Error(`The site ${this.name} ended with ${ended.code} and without an error body:\n${ended.stdout}${ended.stderr}`);
    return { ...ended, error: error.data };
  }

  /** Asks it to stop, and answers how it ended. */
  async stop(): Promise<Ended> {
    return this.#end(this.#running, 'SIGTERM');
  }

  /** Waits until it ends by itself, as it is expected to; when told that it won't, it is killed. */
  async falls(wont: AbortSignal): Promise<Ended> {
    const child = this.#running;
    wont.addEventListener('abort', () => void child.end('SIGKILL'), { once: true });
    return this.#end(child);
  }

  /** Ends it as a crash would: kill -9. */
  async kill(): Promise<void> {
    await this.#end(this.#running, 'SIGKILL');
  }

  /** Lets the process that was started do nothing until it is thawed or killed. */
  stand(): void {
    this.#running.freeze();
  }

  /** Lets it go on. */
  goOn(): void {
    this.#running.thaw();
  }

  /** GET of a path of its HTTP API. */
  async get(path: string): Promise<HttpAnswer> {
    return this.ask(path, {});
  }

  /** The operator's token, if it was given one by `with`. */
  get token(): string | undefined {
    return this.#env['SOUK_TOKEN'];
  }

  /** Any request to its HTTP API, by the operator where it has a token; the response as it comes. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.token !== undefined && !headers.has('authorization')) headers.set('authorization', `Bearer ${this.token}`);
    return fetch(new URL(path, this.url), { ...init, headers });
  }

  /** Any request to its HTTP API. */
  async ask(path: string, init: RequestInit): Promise<HttpAnswer> {
    const response = await this.fetch(path, init);
    const text = await response.text();
    return { status: response.status, body: json(text) ?? text };
  }

  /** POST of a JSON value. */
  async post(path: string, value: unknown): Promise<HttpAnswer> {
    return this.ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) });
  }

  /** PUT of bytes. */
  async put(path: string, bytes: Uint8Array): Promise<HttpAnswer> {
    return this.ask(path, { method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body: new Uint8Array(bytes) });
  }

  /** What its peer says of itself. */
  async status(): Promise<NetworkStatus> {
    return NetworkStatus.parse((await this.get('/v1/network/self')).body);
  }

  /** What it logged of failures that have no code of the error table, and that it ended by itself: both are bugs. */
  get bugs(): string[] {
    const logged = this.log.split('\n').filter((line) => /^Souk has a bug|"msg":"Souk has a bug/.test(line) || (/"level":"(error|fatal)"/.test(line) && !/"name":"SoukError","code":"(?!INTERNAL")/.test(line)));
    return [...logged, ...this.#crashes.map(({ code }) => `ended by itself with ${code}`)];
  }

  /** The program with its words, as they follow after `node`. */
  protected get program(): readonly string[] {
    return [programs.site];
  }

  get #running(): Child {
    if (!this.#child) throw new Error(`The site ${this.name} does not run.`);
    return this.#child;
  }

  async #spawn(): Promise<Child> {
    if (this.#child) throw new Error(`The site ${this.name} runs already.`);
    this.#ports ??= { SOUK_PORT: String(await freePort()), SOUK_P2P_PORT: String(await freePort()) };
    const join: Record<string, string> = this.#joined === undefined ? {} : { SOUK_JOIN: this.#joined.invite };
    const env = { ...this.#place.env, SOUK_ANNOUNCE: 'json', SOUK_DATA: this.data, SOUK_P2P_HOST: '127.0.0.1', SOUK_P2P_PATIENCE: '5', ...this.#ports, ...join, ...this.#env };
    const [program = process.execPath, ...words] = [...this.#enter, process.execPath, '--disable-warning=ExperimentalWarning', ...this.#nodeOptions, ...this.program];
    this.#child = new Child(program, words, { cwd: this.#place.cwd, env });
    return this.#child;
  }

  async #end(child: Child, signal?: 'SIGTERM' | 'SIGKILL'): Promise<Ended> {
    // From here on its end is no surprise.
    this.#child = undefined;
    const ended = await (signal === undefined ? child.ended() : child.end(signal));
    this.#log += ended.stderr;
    return ended;
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
