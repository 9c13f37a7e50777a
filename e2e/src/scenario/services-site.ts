import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { natsServerConfig, serviceNames, type ServiceName } from '@souk/contracts';
import { natsProgram } from '@souk/testing/nats';
import { programs } from './repository.ts';
import { Site, type SitePlace } from './site.ts';
import { until } from './until.ts';

/** How many processes a site has. */
export interface ServicesSitePlace extends SitePlace {
  /** Processes of search, install, reputation and gateway each. */
  readonly replicas: number;
  /** Peers of the site; 1 unless given. */
  readonly peers?: number;
}

/** What the one log of a site's processes says. */
interface LogLine {
  readonly service: string;
  readonly replica: number;
  readonly msg: string;
  readonly pid?: number;
  readonly url?: string;
  readonly why?: string;
  readonly signal?: string;
}

const restarted = 'ended by itself; it is started again';

/** A real site as one process per service over NATS: everything that a site in one process is, and its parts can be killed. */
export class ServicesSite extends Site {
  readonly #replicas: number;
  readonly #peers: number;
  readonly #passwords = Object.fromEntries(serviceNames.map((name) => [name, randomBytes(24).toString('hex')])) as Record<ServiceName, string>;
  #turn = 0;
  #kills = 0;

  constructor(name: string, place: ServicesSitePlace) {
    super(name, place);
    this.#replicas = place.replicas;
    this.#peers = place.peers ?? 1;
    this.with({ SOUK_NATS_SERVER: natsProgram() ?? 'nats-server', SOUK_LOG_LEVEL: 'info' });
  }

  /** Address of its HTTP API: each time that of the next gateway. */
  override get url(): string {
    const { urls } = this;
    this.#turn += 1;
    return urls[this.#turn % urls.length] ?? super.url;
  }

  /** Configuration of a NATS server for this site, for one that the journey itself starts and stops. */
  get natsConfig(): string {
    return natsServerConfig(this.#passwords);
  }

  /** Uses a NATS server with that configuration from the next start on, instead of one of its own. */
  over(natsUrl: string): this {
    return this.with({ SOUK_NATS_URL: natsUrl, ...Object.fromEntries(serviceNames.map((name) => [`SOUK_NATS_PASSWORD_${name.toUpperCase()}`, this.#passwords[name]])) });
  }

  /** Kill -9 of one process - the site starts it again by itself - or of all of them, as when a machine loses power. */
  override async kill(service?: string, replica = 0): Promise<void> {
    if (service !== undefined) {
      this.#kills += 1;
      process.kill(this.pid(service, replica), 'SIGKILL');
      return;
    }
    const pids = this.pids;
    // Else it could see another's end before its own, and say so.
    this.stand();
    for (const pid of pids) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    await super.kill();
    await this.#untilGone(pids);
  }

  /** Kill -9 of the process that started the others and watches them: what it leaves ends by itself. */
  async orphan(): Promise<void> {
    const pids = this.pids;
    await super.kill();
    await this.#untilGone(pids);
  }

  /** Lets a process do nothing from now on, as one that hangs. */
  freeze(service: string, replica = 0): void {
    process.kill(this.pid(service, replica), 'SIGSTOP');
  }

  /**
   * Kill -9 of a peer whose whole data folder is gone with it, as when a disk is lost. It stands still while that is deleted, so that it writes
   * nothing more.
   */
  async loseDisk(ordinal: number): Promise<void> {
    process.kill(this.pid('peer', ordinal), 'SIGSTOP');
    await rm(this.folderOf(ordinal), { recursive: true, force: true });
    await this.kill('peer', ordinal);
  }

  /** The data folder of a peer. */
  folderOf(ordinal: number): string {
    return ordinal === 0 ? this.data : `${this.data}-${ordinal}`;
  }

  /** The process id of the latest life of a process. */
  pid(service: string, replica = 0): number {
    const line = this.lives(service, replica).at(-1);
    if (line?.pid === undefined) throw new Error(`${this.name} has no process ${service}/${replica}.`);
    return line.pid;
  }

  /** Resolves when a process does its work that was killed so many times. */
  async revived(service: string, replica = 0, deaths = 1): Promise<void> {
    const isDone = (lines: readonly LogLine[]): boolean => lines.filter(({ msg }) => msg === 'ready').length > deaths;
    await until({ what: `${service}/${replica} of ${this.name} to work again`, read: () => Promise.resolve(this.lines.filter((line) => line.service === service && line.replica === replica)), isDone, deadlineMs: 120_000 });
  }

  /** The lines that say that a process was started, one per life. */
  lives(service: string, replica = 0): readonly LogLine[] {
    return this.lines.filter((line) => line.msg === 'process started' && line.service === service && line.replica === replica);
  }

  /** The sum of a process's metric over its labels that match. */
  async metric(service: string, replica: number, name: string, labels = /./): Promise<number> {
    const lines = (await (await fetch(new URL('/metrics', this.probes(service, replica)))).text()).split('\n');
    return lines.filter((line) => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && labels.test(line)).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  /** Where a process answers probes and metrics. */
  probes(service: string, replica = 0): string {
    const line = this.lines.findLast((one) => one.msg === 'started' && one.service === service && one.replica === replica);
    if (line?.url === undefined) throw new Error(`${this.name} has no process ${service}/${replica}.`);
    return line.url;
  }

  /** The processes that run now, as the log has it. */
  get pids(): number[] {
    const running = new Map<string, number>();
    for (const { service, replica, msg, pid } of this.lines) {
      if (msg === 'process started' && pid !== undefined) running.set(`${service}/${replica}`, pid);
      if (msg === restarted || msg === 'stopped') running.delete(`${service}/${replica}`);
    }
    return [...running.values()];
  }

  /** The log, line by line. */
  get lines(): readonly LogLine[] {
    return this.log.split('\n').flatMap((line) => (line.startsWith('{') && line.endsWith('}') ? [JSON.parse(line) as LogLine] : []));
  }

  /** What every site's bugs are, and processes that ended by themselves more often than they were killed here. */
  override get bugs(): string[] {
    const isKill = (line: string): boolean => line.includes(restarted) && line.includes('"signal":"SIGKILL"');
    const lines = super.bugs;
    const kills = lines.filter(isKill);
    return [...lines.filter((line) => !isKill(line)), ...kills.slice(this.#kills)];
  }

  protected override get program(): readonly string[] {
    return [programs.services, '--replicas', String(this.#replicas), '--peers', String(this.#peers)];
  }

  async #untilGone(pids: readonly number[]): Promise<void> {
    await until({ what: `the end of every process of ${this.name}`, read: () => Promise.resolve(pids.filter(isAlive)), isDone: (left) => left.length === 0 });
  }
}

/** Whether a process runs; one that nobody has buried yet does not. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? process.platform !== 'linux' : false;
  }
}
