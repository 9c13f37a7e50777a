import type { Child, Ended } from '../../scenario/child.ts';
import type { ContainerNetwork } from './container-network.ts';

/** A folder or file of this machine that a container sees. */
export interface Mount {
  readonly from: string;
  readonly to: string;
  readonly mode: 'ro' | 'rw';
}

/** What runs in a container. */
export interface ContainerOptions {
  readonly image: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly mounts?: readonly Mount[];
  /** Arguments of the image's program. */
  readonly words?: readonly string[];
}

/** As a pod of the profile "restricted": its own files can't be written, no capability, no new privileges; /tmp is all it has beside its volumes. */
const restricted = ['--read-only', '--read-only-tmpfs=false', '--tmpfs=/tmp:rw,size=64m,mode=1777', '--cap-drop=all', '--security-opt=no-new-privileges', '--user=10001:10001', '--memory=1g', '--pids-limit=512'];

/** A container at an address that stays its own. It can be started again after its end, then with another life and the same volumes. */
export class Container {
  readonly name: string;
  readonly ip: string;
  readonly #network: ContainerNetwork;
  readonly #earlier: string[] = [];
  /** How lives ended that nobody asked to end. */
  readonly falls: Ended[] = [];
  #child: Child | undefined;
  #isToEnd = false;
  #hasFallen = false;

  constructor(network: ContainerNetwork, name: string) {
    this.#network = network;
    this.name = `${network.name}-${name}`;
    this.ip = network.nextAddress();
  }

  /** Everything that it wrote to standard error, over all its lives. */
  get log(): string {
    return this.#earlier.join('') + (this.#child?.stderr ?? '');
  }

  /** Whether it was started and no end was asked for since. */
  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  /** Starts it and goes on at once. */
  start({ image, env = {}, mounts = [], words = [] }: ContainerOptions): void {
    const volumes = mounts.map(({ from, to, mode }) => `--volume=${from}:${to}:${mode}`);
    const variables = Object.keys(env).map((name) => `--env=${name}`);
    this.#isToEnd = false;
    this.#hasFallen = false;
    const child = this.#network.podman.begin(['run', '--rm', '--replace', `--name=${this.name}`, `--network=${this.#network.name}`, `--ip=${this.ip}`, ...restricted, ...volumes, ...variables, image, ...words], env);
    this.#child = child;
    void child.ended().then((ended) => {
      if (this.#child !== child || this.#isToEnd) return;
      this.#hasFallen = true;
      this.falls.push(ended);
    });
  }

  /** Runs it to its end. */
  async runs(options: ContainerOptions): Promise<Ended> {
    this.start(options);
    return this.ended();
  }

  /** Sends a signal to its process and waits for its end. */
  async end(signal: 'TERM' | 'KILL'): Promise<Ended> {
    this.#isToEnd = true;
    if (!this.#hasFallen) await this.#network.podman.run('kill', `--signal=${signal}`, this.name);
    return this.ended();
  }

  /** Runs a program of JavaScript inside, and answers what it printed. */
  async evaluate(script: string): Promise<unknown> {
    return JSON.parse(await this.#network.podman.run('exec', this.name, 'node', '-p', `JSON.stringify(${script})`));
  }

  /** Waits for its end, which it finds by itself and is expected to. */
  async ended(): Promise<Ended> {
    this.#isToEnd = true;
    if (!this.#child) throw new Error(`${this.name} does not run.`);
    const child = this.#child;
    const ended = await child.ended();
    this.#child = undefined;
    this.#earlier.push(ended.stderr);
    return ended;
  }
}
