import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Scenario } from '../scenario/scenario.ts';
import type { Site } from '../scenario/site.ts';
import { Control, type Fault } from './interposer/control.ts';
import type { Luck } from './power/disk-model.ts';
import { PoweredFolder } from './power/powered-folder.ts';

/** How a process ended that was to be killed: at the step that was meant, or from outside because it did not come there. */
export type Death = 'at the step' | 'from outside';

/** How long after the last request something may still be told to other peers. */
const lateMs = 150;

/** So that much of a start is not spent on collecting what is new. */
const nodeOptions = ['--min-semi-space-size=32', '--max-semi-space-size=64'];

const portOf = (multiaddr: string): number => Number(/\/tcp\/(\d+)/.exec(multiaddr)?.[1]);

/** A site whose process can be killed at any of its calls, and whose disk can lose its power. */
export class Victim {
  readonly site: Site;
  readonly control: Control;
  readonly folder: PoweredFolder;
  #port = 0;

  /** A new site; `interposer` is the compiled library. */
  constructor(world: Scenario, name: string, interposer: string) {
    const place = world.folder('victims', name);
    this.site = world.site(name);
    this.control = new Control(join(place, 'control'));
    this.folder = new PoweredFolder(this.site.data, join(place, 'journal'));
    // Any free ports: between two starts somebody else may take what was free.
    this.site.tuned(nodeOptions).with({ SOUK_PORT: '0', SOUK_P2P_PORT: '', NODE_COMPILE_CACHE: world.folder('compiled'), LD_PRELOAD: interposer, FAULTS_ROOT: this.site.data, FAULTS_CONTROL: this.control.path, FAULTS_JOURNAL: this.folder.journal });
  }

  /** Takes part in nothing from now on, and refuses `other` like a peer whose process is gone. */
  standAside(other: Victim): void {
    this.site.stand();
    other.control.away(this.#port);
  }

  /** Is there again for `other`. */
  comeBack(other: Victim): void {
    other.control.away(0);
    this.site.goOn();
  }

  /** Starts it without any fault; answers how many milliseconds passed until it was ready. */
  async start(): Promise<number> {
    this.control.disarm();
    const start = performance.now();
    await this.site.start();
    const took = performance.now() - start;
    const ports = (await this.site.status()).multiaddrs.map(portOf);
    this.#port = ports[0] ?? 0;
    this.control.peerPorts(ports);
    return took;
  }

  /** Whether the fault that it was armed with has come. */
  get isHit(): boolean {
    return this.control.hits > 0;
  }

  /** Waits until it is killed at the step that it was armed for, or until `work` is over; then it is killed from outside. */
  async falls(work: Promise<unknown>): Promise<Death> {
    const outside = new AbortController();
    const fallen = this.site.falls(outside.signal);
    const isOver = await Promise.race([fallen.then(() => false), work.then(() => pause(lateMs, true))]);
    if (isOver) {
      await this.#quiet(fallen);
      outside.abort();
    }
    const [{ code }] = await Promise.all([fallen, work]);
    this.folder.ended();
    if (!isOver && !this.isHit) throw new Error(`${this.site.name} ended by itself with ${code}.`);
    return this.isHit ? 'at the step' : 'from outside';
  }

  /** Kills it from outside, whatever it does. */
  async kill(): Promise<void> {
    const outside = new AbortController();
    const fallen = this.site.falls(outside.signal);
    await this.#quiet(fallen);
    outside.abort();
    await fallen;
    this.folder.ended();
  }

  /** Starts it with a fault that may kill it on the way. Throws when it refuses to start instead. */
  async startAnd(fault: Fault): Promise<Death> {
    this.control.arm(fault);
    const failure = await this.site.start().then(() => undefined, (error: unknown) => String(error));
    if (failure !== undefined && !(this.isHit && failure.includes('did not start (137)'))) throw new Error(failure);
    if (failure === undefined) await this.kill();
    else this.folder.ended();
    return this.isHit ? 'at the step' : 'from outside';
  }

  /** The power of its disk fails, while it does not run. */
  cutPower(luck: Luck): void {
    this.folder.cutPower(luck);
  }

  /** Waits until it changes nothing at this moment, or has died. */
  async #quiet(fallen: Promise<unknown>): Promise<void> {
    let isGone = false;
    void fallen.then(() => (isGone = true));
    while (this.control.stop().isBusy && !isGone) await pause(1);
  }
}
