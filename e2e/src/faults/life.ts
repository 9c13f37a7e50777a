import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenario } from '../scenario/scenario.ts';
import { until } from '../scenario/until.ts';
import type { KillStep } from './kill-steps.ts';
import { damageOf } from './load/damage.ts';
import { lossesOf } from './load/losses.ts';
import { Publisher, type Habit } from './load/publisher.ts';
import type { Luck } from './power/disk-model.ts';
import type { Tally } from './tally.ts';
import { Victim } from './victim.ts';

/** Who publishes in a life: one with small blobs, one with larger ones, one with many at a time. */
const habits: readonly Habit[] = [
  { together: 1, bytes: 20_000 },
  { together: 1, bytes: 200_000 },
  { together: 4, bytes: 10_000 },
];
/** Appends that one publisher makes at most before a kill. */
const mostAppends = 6;
/** Releases whose bytes are compared after every kill, beside some earlier ones. */
const recent = 6;

/** What a life is made of. */
export interface LifeNeeds {
  readonly world: Scenario;
  readonly name: string;
  readonly interposer: string;
  readonly tally: Tally;
  readonly random: () => number;
}

/** Two sites of one network, one of which is published to, killed and started again and again on the same folder. */
export class Life {
  readonly #needs: LifeNeeds;
  readonly #site: Victim;
  readonly #follower: Victim;
  readonly #publishers: readonly Publisher[];
  /** Acknowledged releases that the tally knows of. */
  #counted = 0;

  constructor(needs: LifeNeeds) {
    const { world, name, interposer, random } = needs;
    this.#needs = needs;
    this.#site = new Victim(world, name, interposer);
    this.#follower = new Victim(world, `${name}-follower`, interposer);
    this.#follower.site.joins(this.#site.site);
    this.#publishers = habits.map((habit, at) => new Publisher(`${name}-${at}`, habit, random));
  }

  /** Starts both sites. */
  async begin(): Promise<void> {
    await this.#site.start();
    await this.#follower.start();
  }

  /** One kill at a step, with or without a power failure, and what a restart has to show after it. */
  async kill(step: KillStep, luck: Luck | undefined): Promise<void> {
    const { tally, random } = this.#needs;
    const fault = { ...step.fault, skip: Math.floor(random() * (step.upTo + 1)) };
    const victim = step.situation === 'follower' ? this.#follower : this.#site;
    if (step.situation !== 'start') victim.control.arm(fault);
    const work = Promise.all(this.#publishers.map((one) => one.publishOn(this.#site.site, mostAppends)));
    let death = step.situation === 'start' ? (await work, await victim.kill(), 'from outside' as const) : await victim.falls(work);
    if (step.situation === 'start') death = await victim.startAnd(fault);
    this.#count();
    tally.killed(death === 'at the step' ? step.name : 'any time');
    if (luck) this.#cutPower(victim, luck);
    if (needsRepair(victim.site.data)) tally.repaired += 1;
    tally.restarted(await victim.start());
    await this.#check(victim, luck ? `${step.name}, with a power failure` : step.name);
  }

  /** The power of both sites fails, unlucky as can be; both come back, agree, and have everything. */
  async end(): Promise<void> {
    await this.#site.kill();
    this.#cutPower(this.#site, { isWritten: () => false, namings: () => 0 });
    await this.#site.start();
    for (const publisher of this.#publishers) await this.#compare(publisher, publisher.acknowledged.length, 'the last power failure');
    const root = async (victim: Victim): Promise<string> => (await victim.site.status()).headRoot;
    await until({ what: 'both peers to have equal head roots', read: async () => [await root(this.#site), await root(this.#follower)], isDone: ([one, other]) => one === other, deadlineMs: 90_000 });
    for (const victim of [this.#site, this.#follower]) {
      await victim.kill();
      victim.control.close();
    }
  }

  #count(): void {
    const all = this.#publishers.reduce((sum, one) => sum + one.acknowledged.length, 0);
    this.#needs.tally.acknowledged += all - this.#counted;
    this.#counted = all;
  }

  #cutPower(victim: Victim, luck: Luck): void {
    this.#needs.tally.powerCuts += 1;
    victim.cutPower(luck);
  }

  async #check(victim: Victim, after: string): Promise<void> {
    for (const publisher of this.#publishers) {
      await this.#compare(publisher, recent, after);
      await publisher.publishAgain(this.#site.site);
    }
    for (const damage of await damageOf(victim.site)) this.#needs.tally.fails('broken', damage, after);
  }

  async #compare(publisher: Publisher, last: number, after: string): Promise<void> {
    const { tally, random } = this.#needs;
    const { lost, doubled } = await lossesOf(this.#site.site, publisher, last, random);
    for (const one of lost) tally.fails('lost', one, after);
    for (const one of doubled) tally.fails('doubled', one, after);
  }
}

/** Whether a start has something to clean up or to recover. */
function needsRepair(folder: string): boolean {
  const holds = (name: string): boolean => existsSync(join(folder, name)) && readdirSync(join(folder, name)).length > 0;
  const wal = join(folder, 'logs.db-wal');
  return holds('drafts') || holds('batches') || (existsSync(wal) && statSync(wal).size > 0);
}
