import { afterAll, expect, jest } from '@jest/globals';
import { seededRandom } from '@souk/testing/trouble';
import { Scenario } from '../scenario/scenario.ts';
import { faultTest, interposer } from './interposer/compiled.ts';
import type { Meant } from './interposer/control.ts';
import { lossesOf } from './load/losses.ts';
import { Publisher } from './load/publisher.ts';
import { Victim } from './victim.ts';

jest.setTimeout(300_000);

const world = new Scenario();

// What was sabotaged says so in its log, and that is no bug of it.
afterAll(() => world.end().catch(() => undefined));

/** What is lost when these calls only say that they did something, and the power fails after five acknowledgements. */
async function lostWithout(name: string, together: number, meant: Meant | undefined): Promise<string[]> {
  const victim = new Victim(world, name, interposer);
  const publisher = new Publisher(name, { together, bytes: 20_000 }, seededRandom(7));
  await victim.start();
  if (meant) victim.control.arm({ ...meant, action: 'fake' });
  await publisher.publishOn(victim.site, 5);
  expect(publisher.acknowledged).toHaveLength(5 * together);
  await victim.kill();
  victim.cutPower({ isWritten: () => false, namings: () => 0 });
  try {
    await victim.start();
  } catch (error) {
    // What can't even start again has lost all.
    return [String(error)];
  }
  return (await lossesOf(victim.site, publisher, 2, Math.random)).lost;
}

faultTest.each<[what: string, together: number, meant: Meant]>([
  ['records', 1, { calls: ['sync'], where: 'logs.db' }],
  ['blobs', 1, { calls: ['sync'], where: 'drafts/' }],
  ['names of blobs', 1, { calls: ['sync folder'], where: 'blobs/' }],
  ['names of folders of blobs', 1, { calls: ['sync folder'], where: '=blobs' }],
  ['journals of many blobs', 6, { calls: ['sync'], where: 'batches/' }],
  ['names of journals', 6, { calls: ['sync folder'], where: '=batches' }],
])('the tier bites: without the fsync of %s it finds losses, with it none', async (what, together, meant) => {
  const name = what.replace(/\W/g, '-');
  expect(await lostWithout(`without-${name}`, together, meant)).not.toEqual([]);
  expect(await lostWithout(`with-${name}`, together, undefined)).toEqual([]);
});
