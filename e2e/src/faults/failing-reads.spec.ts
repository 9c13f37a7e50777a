import { afterAll, expect, jest } from '@jest/globals';
import { seededRandom } from '@souk/testing/trouble';
import { Scenario } from '../scenario/scenario.ts';
import { until } from '../scenario/until.ts';
import { faultTest, interposer } from './interposer/compiled.ts';
import type { Meant } from './interposer/control.ts';
import { damageOf } from './load/damage.ts';
import { lossesOf } from './load/losses.ts';
import { Publisher } from './load/publisher.ts';
import { runOptions } from './run-options.ts';
import { Victim } from './victim.ts';

jest.setTimeout(300_000);

const world = new Scenario();

afterAll(() => world.end());

/** Whether an error is one of the table that tells of the disk or of what can't be had, and not of a bug. */
const isTold = ({ status, body }: { readonly status: number; readonly body: unknown }): boolean => status >= 400 && ['STORAGE_CORRUPT', 'NO_PROVIDER', 'BLOB_NOT_FOUND'].includes((body as { code?: string }).code ?? '');

async function published(name: string): Promise<{ readonly victim: Victim; readonly publisher: Publisher }> {
  const victim = new Victim(world, name, interposer);
  const publisher = new Publisher(`on-${name}`, { together: 1, bytes: 200_000 }, seededRandom(runOptions.seed));
  await victim.start();
  await publisher.publishOn(victim.site, 4);
  return { victim, publisher };
}

faultTest('EIO on every read of a blob: whoever asks is told, never wrong bytes; publishing and search go on, and when it is over the blob is there again', async () => {
  const { victim, publisher } = await published('unread-blobs');
  const [first] = publisher.acknowledged;
  victim.control.arm({ calls: ['read'], where: 'blobs/', action: 'fail', error: 'EIO' });
  expect(isTold(await victim.site.get(`/v1/blobs/${first?.cid}`))).toBe(true);
  expect(victim.control.hits).toBeGreaterThan(0);
  expect((await victim.site.get(`/v1/packages/${publisher.name}`)).status).toBe(200);
  expect((await victim.site.get(`/v1/search?q=${publisher.name}`)).status).toBe(200);
  victim.control.disarm();
  await until({ what: 'the blob to be read again', read: () => victim.site.get(`/v1/blobs/${first?.cid}`), isDone: ({ status }) => status === 200 });
  await publisher.publishOn(victim.site, 2);
  expect(publisher.acknowledged).toHaveLength(6);
  expect(await lossesOf(victim.site, publisher, 6, Math.random)).toEqual({ lost: [], doubled: [] });
  expect(await damageOf(victim.site)).toEqual([]);
  await victim.kill();
});

const databases: [what: string, meant: Meant][] = [
  ['records', { calls: ['read'], where: 'logs.db' }],
  ['the ledger of blobs', { calls: ['read'], where: 'blobs.db' }],
];

faultTest.each(databases)('EIO on every read of %s while a site starts: it refuses with a typed error or starts, and afterwards everything is there', async (what, meant) => {
  const { victim, publisher } = await published(`unread-${what.replaceAll(' ', '-')}`);
  await victim.kill();
  victim.control.arm({ ...meant, action: 'fail', error: 'EIO' });
  const refused = await victim.site.start().then(() => undefined, (error: unknown) => String(error));
  expect(victim.control.hits).toBeGreaterThan(0);
  if (refused !== undefined) expect(refused).toContain('STORAGE_CORRUPT');
  else await victim.kill();
  await victim.start();
  await publisher.publishAgain(victim.site);
  expect(await lossesOf(victim.site, publisher, 4, Math.random)).toEqual({ lost: [], doubled: [] });
  expect(await damageOf(victim.site)).toEqual([]);
  await victim.kill();
});
