import { afterAll, expect, jest } from '@jest/globals';
import { natsTest } from '@souk/testing/nats';
import { seededRandom } from '@souk/testing/trouble';
import { Scenario } from '../scenario/scenario.ts';
import type { ServicesSite } from '../scenario/services-site.ts';
import { until } from '../scenario/until.ts';
import { lossesOf } from './load/losses.ts';
import { Publisher } from './load/publisher.ts';
import { SteadyLoad } from './load/steady-load.ts';
import { runOptions } from './run-options.ts';

const rounds = 2 * runOptions.runs;
jest.setTimeout(180_000 + rounds * 240_000);

const world = new Scenario();

afterAll(() => world.end());

/** What a site of two lacks of two copies: blobs that belong on either peer, records that the replica has to be brought, and replicas that do not answer. */
async function lacking(site: ServicesSite): Promise<number[]> {
  const ofPrimary = ['souk_replica_lag_records', 'souk_replicas_silent'].map((name) => site.metric('peer', 0, name));
  const ofBoth = [0, 1].map((ordinal) => site.metric('peer', ordinal, 'souk_blobs_below_copies'));
  return Promise.all([...ofPrimary, ...ofBoth]);
}

natsTest('a site of two peers that keep two copies: primary and replica are killed and lose their disks in turn under load, and nothing acknowledged is lost', async () => {
  const site = await world.services('pair', { replicas: 1, peers: 2 }).start();
  const publishers = [1, 4].map((together, at) => new Publisher(`pair-${at}`, { together, bytes: 50_000 }, seededRandom(runOptions.seed + at)));
  let deaths = 0;
  for (let round = 0; round < rounds; round += 1) {
    deaths += 2;
    for (const ordinal of [0, 1]) {
      const load = new SteadyLoad(site, publishers);
      await load.goesOn(4);
      await site.kill('peer', ordinal);
      await site.revived('peer', ordinal, deaths - 1);
      await load.goesOn(4);
      await site.loseDisk(ordinal);
      await site.revived('peer', ordinal, deaths);
      await load.goesOn(4);
      await load.end();
      // Two copies bear one loss; the next disk may go when there are two again.
      await until({ what: 'two copies of everything', read: () => lacking(site), isDone: (all) => all.every((count) => count === 0), deadlineMs: 120_000 });
    }
  }
  for (const one of publishers) {
    await one.publishAgain(site);
    expect(await lossesOf(site, one, one.acknowledged.length, Math.random)).toEqual({ lost: [], doubled: [] });
  }
});
