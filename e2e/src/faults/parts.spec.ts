import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { natsProgram, NatsServer, natsTest } from '@souk/testing/nats';
import { seededRandom } from '@souk/testing/trouble';
import { Scenario } from '../scenario/scenario.ts';
import { until } from '../scenario/until.ts';
import { damageOf } from './load/damage.ts';
import { lossesOf } from './load/losses.ts';
import { Publisher } from './load/publisher.ts';
import { SteadyLoad } from './load/steady-load.ts';
import { runOptions } from './run-options.ts';

const rounds = 3 * runOptions.runs;
jest.setTimeout(120_000 + rounds * 120_000);

// One process per service, two of each that keeps nothing, over a NATS server that keeps streams although nobody asks it to.
const world = new Scenario();
const site = world.services('parts', { replicas: 2 });
const publishers = [1, 1, 4].map((together, at) => new Publisher(`parts-${at}`, { together, bytes: 50_000 }, seededRandom(runOptions.seed + at)));
const streams = world.folder('streams');
const deaths = new Map<string, number>();
let nats: NatsServer;
let load: SteadyLoad;

beforeAll(async () => {
  if (natsProgram() === undefined) return;
  nats = await NatsServer.start({ config: `${site.natsConfig}\njetstream { store_dir: ${JSON.stringify(streams)} }\n` });
  world.onEnd(() => nats[Symbol.asyncDispose]());
  await site.over(nats.url).start();
  load = new SteadyLoad(site, publishers);
  await load.goesOn(5);
});
afterAll(() => world.end());

/** How a search is answered: its status, or that its connection broke. */
function searchStatus(): Promise<number | string> {
  return site.get('/v1/search?q=parts').then(({ status }) => status, () => 'cut off');
}

natsTest('NATS is killed under load and loses all that it kept: publishing resumes', async () => {
  for (let round = 0; round < rounds; round += 1) {
    await nats.stop('SIGKILL');
    rmSync(join(streams, 'jetstream'), { recursive: true, force: true });
    mkdirSync(streams, { recursive: true });
    await load.falters();
    await nats.restart();
    await load.goesOn(6);
  }
});

natsTest('NATS hangs while its connections stay open: who publishes is told, and publishing resumes', async () => {
  nats.freeze();
  await load.falters();
  nats.thaw();
  await load.goesOn(6);
});

for (const service of ['gateway', 'search', 'peer']) {
  natsTest(`a process of ${service} is killed in the middle of requests, again and again: others answer, it comes back, publishing goes on`, async () => {
    for (let round = 0; round < rounds; round += 1) {
      const asked = Array.from({ length: 40 }, () => searchStatus());
      deaths.set(service, (deaths.get(service) ?? 0) + 1);
      await site.kill(service, 0);
      // Who was cut off learns it at once or is told that a part is gone; nobody gets a wrong answer.
      for (const status of await Promise.all(asked)) expect([200, 503, 504, 'cut off']).toContain(status);
      await site.revived(service, 0, deaths.get(service) ?? 0);
      await load.goesOn(4);
      await until({ what: 'every search to be answered again', read: () => Promise.all(Array.from({ length: 8 }, () => searchStatus())), isDone: (all) => all.every((status) => status === 200) });
    }
  });
}

natsTest('after all of it nothing acknowledged is lost or doubled, and what is kept is sound', async () => {
  await load.end();
  for (const one of publishers) {
    await one.publishAgain(site);
    expect(await lossesOf(site, one, one.acknowledged.length, Math.random)).toEqual({ lost: [], doubled: [] });
  }
  expect(await damageOf(site)).toEqual([]);
});
