import { afterAll, expect, jest } from '@jest/globals';
import { seededRandom } from '@souk/testing/trouble';
import { Scenario } from '../scenario/scenario.ts';
import { faultTest, interposer } from './interposer/compiled.ts';
import { killSteps, type KillStep } from './kill-steps.ts';
import { habits, Life } from './life.ts';
import { damageOf } from './load/damage.ts';
import { Publisher } from './load/publisher.ts';
import type { Luck } from './power/disk-model.ts';
import { runOptions } from './run-options.ts';
import { Tally } from './tally.ts';
import { Victim } from './victim.ts';

const { seed, kills, lanes } = runOptions;
const killsPerLife = 24;
/** How often a step is tried that is not reached. */
const mostTries = 5;
jest.setTimeout(60_000 + kills * 20_000);

const world = new Scenario();

afterAll(() => world.end());

/** Every step as often as every other, in an order that the seed shuffles. */
function drawn(random: () => number): KillStep[] {
  const rounds = Math.ceil(kills / killSteps.length);
  const all = Array.from({ length: rounds }, () => killSteps).flat().slice(0, kills);
  return all.map((step) => ({ step, at: random() })).toSorted((one, other) => one.at - other.at).map(({ step }) => step);
}

/** Of three kills one leaves the disk as it is, one loses all that was not flushed, one some of it. */
function luckOf(at: number, random: () => number): Luck | undefined {
  if (at % 3 === 0) return undefined;
  if (at % 3 === 1) return { isWritten: () => false, namings: () => 0 };
  return { isWritten: () => random() < 0.5, namings: (pending) => Math.floor(random() * (pending + 1)) };
}

let told = 0;

/** One line that is written over again; a failure stays. */
function progress(tally: Tally): void {
  for (const failure of tally.failures.slice(told)) process.stderr.write(`\r${failure}\n`);
  told = tally.failures.length;
  process.stderr.write(`\r${tally.kills} of ${kills} kills, ${tally.acknowledged} releases acknowledged, ${told} failures `);
}

async function live(name: string, steps: readonly KillStep[], tally: Tally): Promise<void> {
  const random = seededRandom(seed * 1000 + Number(name.replace(/\D/g, '')));
  const life = new Life({ world, name, interposer, tally, random });
  let last = 'begin';
  try {
    await life.begin();
    const rest = steps.map((step) => ({ step, tries: mostTries }));
    for (let at = 0; ; at += 1) {
      const next = rest.shift();
      if (!next) break;
      last = `kill ${at}, ${next.step.name}`;
      const isHit = await life.kill(next.step, luckOf(at, random));
      // The first such moment is the one that is reached most surely.
      if (!isHit && next.tries > 1) rest.push({ step: { ...next.step, upTo: 0 }, tries: next.tries - 1 });
      // A start is killed best when there is something to recover.
      if (rest[0]?.step.situation !== 'start') await life.recover();
      progress(tally);
    }
    last = 'end';
    await life.end();
    // Also what an interrupted run has counted so far is worth knowing.
    tally.report('kills');
  } catch (error) {
    tally.fails('broken', String(error), `${name}, ${last}`);
    progress(tally);
  }
}

/** Compiled code is kept when a process ends in peace, for all that are killed later. */
async function compileOnce(): Promise<void> {
  const { site } = new Victim(world, 'compiled', interposer);
  await site.start();
  for (const [at, habit] of habits.entries()) await new Publisher(`compiled-${at}`, habit, Math.random).publishOn(site, 2);
  expect(await damageOf(site)).toEqual([]);
  await site.stop();
}

faultTest(`${kills} kills of peer processes under load, at every step, and power failures: nothing acknowledged is lost or doubled`, async () => {
  await compileOnce();
  const tally = new Tally(killSteps.map(({ name }) => name));
  const steps = drawn(seededRandom(seed));
  const lives = Array.from({ length: Math.ceil(steps.length / killsPerLife) }, (_, at) => ({ name: `life${at}`, steps: steps.slice(at * killsPerLife, (at + 1) * killsPerLife) }));
  const rest = lives.values();
  await Promise.all(Array.from({ length: lanes }, async () => {
    for (const { name, steps: own } of rest) await live(name, own, tally);
  }));
  tally.report('kills');
  expect(tally.failures).toEqual([]);
  expect(tally.kills).toBe(kills);
  expect(tally.unhit).toEqual(kills < killSteps.length ? expect.anything() : []);
});
