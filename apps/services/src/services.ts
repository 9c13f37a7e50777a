import { routes, type NetworkStatus, type ServiceName } from '@souk/contracts';
import { fromErrorBody, SoukError } from '@souk/domain';
import type { SiteAddress } from '@souk/nest';
import { NatsProgram } from './nats-program.ts';
import type { ProcessLog } from './process-log.ts';
import { ServiceProgram } from './service-program.ts';
import type { ServicesSettings } from './settings.ts';
import { SupervisedProcess } from './supervised-process.ts';

/** How many processes there are, and where their programs lie. */
export interface ServicesOptions {
  readonly settings: ServicesSettings;
  readonly replicas: number;
  /** The bundled main program of a service. */
  readonly entryOf: (service: ServiceName) => string;
  /** The environment of this process. */
  readonly env: Readonly<Record<string, string>>;
  readonly log: ProcessLog;
}

/** The services of a site, one process each. */
export interface RunningServices extends SiteAddress {
  readonly urls: readonly string[];
  /** Stops all of them, the edge first, the peer and NATS last. */
  close(): Promise<void>;
}

/** The order in which services are stopped: whoever asks others before those that are asked. */
const stopOrder: readonly (readonly ServiceName[])[] = [['gateway'], ['install'], ['search', 'reputation'], ['peer']];

/**
 * Starts NATS, unless there is one, and every service of a site, and waits until all do their work; each waits for the others by
 * itself. Throws what one of them cannot start with, and CANCELLED when the signal aborts before; then nothing runs.
 */
export async function startServices(options: ServicesOptions, signal: AbortSignal): Promise<RunningServices> {
  const processes = new Processes(options);
  try {
    await Promise.race([processes.start(), interruption(signal)]);
    return { ...(await addressOf(processes.gatewayUrls, options.settings.gateway.token, signal)), close: () => processes.stop() };
  } catch (error) {
    await processes.stop();
    throw error;
  }
}

class Processes {
  readonly #options: ServicesOptions;
  readonly #services: { readonly name: ServiceName; readonly program: ServiceProgram; readonly process: SupervisedProcess }[] = [];
  #nats: SupervisedProcess | undefined;
  #isStopping = false;

  constructor(options: ServicesOptions) {
    this.#options = options;
  }

  get gatewayUrls(): string[] {
    return this.#services.flatMap(({ name, program }) => (name === 'gateway' && program.url !== undefined ? [program.url] : []));
  }

  /** Resolves when all are ready for the first time. Rejects with what one of them reported instead. */
  async start(): Promise<void> {
    const { settings, replicas } = this.#options;
    const natsUrl = settings.natsUrl ?? (await this.#startNats());
    if (this.#isStopping) return;
    for (const names of stopOrder.toReversed()) {
      for (const name of names) for (let replica = 0; replica < (name === 'peer' ? settings.peers.length : replicas); replica += 1) this.#startService(name, replica, natsUrl);
    }
    await Promise.all(this.#services.map(({ process }) => process.ready));
  }

  /** Stops whatever was started, in order. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const names of stopOrder) await Promise.all(this.#services.filter(({ name }) => names.includes(name)).map(({ process }) => process.stop()));
    await this.#nats?.stop();
  }

  async #startNats(): Promise<string> {
    const { settings, env, log } = this.#options;
    const program = new NatsProgram({ program: settings.natsServer, passwords: settings.passwords, env: withoutSouk(env), log });
    this.#nats = new SupervisedProcess(program, log);
    await this.#nats.ready;
    return program.url;
  }

  #startService(name: ServiceName, replica: number, natsUrl: string): void {
    const { settings, entryOf, log } = this.#options;
    const isGateway = name === 'gateway';
    const program = new ServiceProgram({
      service: name,
      replica,
      entry: entryOf(name),
      env: { ...settings.environments[name], ...(name === 'peer' ? settings.peers[replica] : {}), SOUK_NATS_URL: natsUrl, SOUK_NATS_PASSWORD: settings.passwords[name] },
      portVariable: isGateway ? 'SOUK_PORT' : 'SOUK_HTTP_PORT',
      port: isGateway && settings.gateway.httpPort > 0 ? settings.gateway.httpPort + replica : 0,
      log,
    });
    this.#services.push({ name, program, process: new SupervisedProcess(program, log) });
  }
}

function withoutSouk(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('SOUK_')));
}

function interruption(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const interrupt = (): void => reject(new SoukError('CANCELLED', 'Interrupted before every service was ready.'));
    if (signal.aborted) interrupt();
    else signal.addEventListener('abort', interrupt, { once: true });
  });
}

/** Asks a gateway how the site is reached. */
async function addressOf(urls: readonly string[], token: string | undefined, signal: AbortSignal): Promise<SiteAddress & { urls: readonly string[] }> {
  const [url = ''] = urls;
  const ask = async ({ method, path }: { method: string; path: string }): Promise<unknown> => {
    const response = await fetch(new URL(path, url), { method, signal, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
    if (!response.ok) throw fromErrorBody(await response.json().catch(() => undefined), 'UNAVAILABLE');
    return response.json();
  };
  const { peerId, multiaddrs } = (await ask(routes.getNetwork)) as NetworkStatus;
  const { invite } = (await ask(routes.postInvite)) as { invite: string };
  return { url, urls, peerId, multiaddrs, invite };
}
