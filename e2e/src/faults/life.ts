import { existsSync, readdirSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scenario } from '../scenario/scenario.ts';
import { until } from '../scenario/until.ts';
import type { KillStep } from './kill-steps.ts';
import { damageOf } from './load/damage.ts';
import { lossesOf } from './load/losses.ts';
import { Publisher, type Habit } from './load/publisher.ts';
import type { Luck } from './power/disk-model.ts';
import type { Tally } from './tally.ts';
import { Victim, type Death } from './victim.ts';

/** Who publishes in a life: one with small blobs, one with larger ones, one with many at a time. */
export const habits: readonly Habit[] = [
  { together: 1, bytes: 20_000 },
  { together: 1, bytes: 200_000 },
  { together: 4, bytes: 10_000 },
];
/** Appends that one publisher makes at most before a kill. */
const mostAppends = 6;
/** Who fills the write-ahead log: the record of a version takes about ten pages of it. */
const filling: Habit = { together: 12, bytes: 500, requirements: 800, versions: 12 };
const mostFillingAppends = 24;
/** After so many kills everything is compared, and the site examines itself. */
const thoroughEvery = 10;

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
  readonly #filler: Publisher;
  /** How many of a publisher's acknowledged releases were found at the site already. */
  readonly #found = new Map<Publisher, number>();
  /** Who was killed and has not been started again, and how. */
  #fallen: { readonly victim: Victim; readonly how: string } | undefined;
  #kills = 0;
  /** Acknowledged releases that the tally knows of. */
  #counted = 0;

  constructor(needs: LifeNeeds) {
    const { world, name, interposer, random } = needs;
    this.#needs = needs;
    this.#site = new Victim(world, name, interposer);
    this.#follower = new Victim(world, `${name}-follower`, interposer);
    this.#follower.site.joins(this.#site.site);
    this.#publishers = habits.map((habit, at) => new Publisher(`${name}-${at}`, habit, random));
    this.#filler = new Publisher(`${name}-filler`, filling, random);
  }

  /** Starts both sites. */
  async begin(): Promise<void> {
    await this.#site.start();
    await this.#follower.start();
  }

  /**
   * One kill, with or without a power failure after it; answers whether it came at the step. Who was killed stays down: the next kill is one of
   * its start, or it is recovered first.
   */
  async kill(step: KillStep, luck: Luck | undefined): Promise<boolean> {
    const { tally, random } = this.#needs;
    const fault = { ...step.fault, skip: Math.floor(random() * (step.upTo + 1)) };
    const victim = this.#fallen?.victim ?? (step.situation === 'follower' ? this.#follower : this.#site);
    let death: Death;
    if (step.situation === 'start') {
      if (!this.#fallen) await this.#publish(step).then(() => victim.kill());
      death = await victim.startAnd(fault);
    } else {
      victim.control.arm(fault);
      death = await victim.falls(this.#publish(step));
    }
    this.#kills += 1;
    this.#count();
    if (death === 'at the step') tally.killed(step.name);
    else tally.killedAnywhere();
    if (luck) this.#cutPower(victim, luck);
    this.#fallen = { victim, how: `${this.#fallen ? `${this.#fallen.how}, then ` : ''}${step.name}${luck ? ' with a power failure' : ''}` };
    return death === 'at the step';
  }

  /** Starts who was killed, which has to show that nothing is lost - alone: what is gone could come back from the other peer. */
  async recover(): Promise<void> {
    if (!this.#fallen) return;
    const { victim, how } = this.#fallen;
    this.#fallen = undefined;
    const isAlone = victim === this.#site;
    if (isAlone) this.#follower.standAside(this.#site);
    if (needsRepair(victim.site.data)) this.#needs.tally.repaired += 1;
    this.#needs.tally.restarted(await victim.start());
    const isThorough = this.#kills >= thoroughEvery;
    if (isThorough) this.#kills = 0;
    await this.#check(how, isThorough ? 'all' : 'new');
    if (isThorough) for (const damage of await damageOf(victim.site)) this.#needs.tally.fails('broken', damage, how);
    if (isAlone) this.#follower.comeBack(this.#site);
  }

  /** The power fails once more, unlucky as can be; the site has everything by itself, and then both peers agree. */
  async end(): Promise<void> {
    await this.#follower.kill();
    await this.#site.kill();
    this.#cutPower(this.#site, { isWritten: () => false, namings: () => 0 });
    await this.#site.start();
    await this.#check('the last power failure', 'all');
    await this.#follower.start();
    const root = async (victim: Victim): Promise<string> => (await victim.site.status()).headRoot;
    await until({ what: 'both peers to have equal head roots', read: async () => [await root(this.#site), await root(this.#follower)], isDone: ([one, other]) => one === other, deadlineMs: 90_000 });
    for (const victim of [this.#site, this.#follower]) {
      for (const damage of await damageOf(victim.site)) this.#needs.tally.fails('broken', damage, 'the end');
      await victim.kill();
      victim.control.close();
      // A thousand kills are forty lives, and their disk may be memory.
      await rm(victim.site.data, { recursive: true, force: true });
    }
  }

  get #everybody(): readonly Publisher[] {
    return [...this.#publishers, this.#filler];
  }

  async #publish({ situation }: KillStep): Promise<void> {
    const { site } = this.#site;
    const rest = situation === 'checkpoint' ? [this.#filler.publishOn(site, mostFillingAppends)] : [];
    await Promise.all([...this.#publishers.map((one) => one.publishOn(site, mostAppends)), ...rest]);
  }

  #count(): void {
    const all = this.#everybody.reduce((sum, one) => sum + one.acknowledged.length, 0);
    this.#needs.tally.acknowledged += all - this.#counted;
    this.#counted = all;
  }

  #cutPower(victim: Victim, luck: Luck): void {
    this.#needs.tally.powerCuts += 1;
    victim.cutPower(luck);
  }

  /** Compares everything, or what was acknowledged since the last comparison and some of what was before; who published that is answered 200 again. */
  async #check(after: string, what: 'all' | 'new'): Promise<void> {
    const { tally, random } = this.#needs;
    for (const publisher of this.#everybody) {
      const { length } = publisher.acknowledged;
      const found = this.#found.get(publisher) ?? 0;
      const since = what === 'all' ? 0 : found;
      const { lost, doubled } = await lossesOf(this.#site.site, publisher, length - since, random, since);
      for (const one of lost) tally.fails('lost', one, after);
      for (const one of doubled) tally.fails('doubled', one, after);
      if (what === 'all' || length > found) await publisher.publishAgain(this.#site.site);
      this.#found.set(publisher, length);
    }
  }
}

/** Whether a start has something to clean up or to recover. */
function needsRepair(folder: string): boolean {
  const holds = (name: string): boolean => existsSync(join(folder, name)) && readdirSync(join(folder, name)).length > 0;
  const wal = join(folder, 'logs.db-wal');
  return holds('drafts') || holds('batches') || (existsSync(wal) && statSync(wal).size > 0);
}
