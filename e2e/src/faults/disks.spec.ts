import { afterAll, expect, jest } from '@jest/globals';
import { seededRandom } from '@souk/testing/trouble';
import { Scenario } from '../scenario/scenario.ts';
import { until } from '../scenario/until.ts';
import { faultTest, interposer } from './interposer/compiled.ts';
import type { DiskError, Meant } from './interposer/control.ts';
import { damageOf } from './load/damage.ts';
import { lossesOf } from './load/losses.ts';
import { Publisher, Refused } from './load/publisher.ts';
import { runOptions } from './run-options.ts';
import { Victim } from './victim.ts';

jest.setTimeout(300_000);

const world = new Scenario();
const changing: Meant = { calls: ['create', 'write', 'sync', 'sync folder', 'rename', 'mkdir', 'link', 'truncate'], where: '' };
let sites = 0;

afterAll(() => world.end());

/** Publishes until the site refuses, and answers by which code; undefined when it never did. */
async function refusalOf(victim: Victim, publisher: Publisher): Promise<string | undefined> {
  for (let times = 0; times < 8; times += 1) {
    try {
      expect(await publisher.publish(victim.site)).toBe(true);
    } catch (error) {
      if (error instanceof Refused) return error.code;
      throw error;
    }
  }
  return undefined;
}

async function requireAll(victim: Victim, publishers: readonly Publisher[]): Promise<void> {
  for (const one of publishers) expect(await lossesOf(victim.site, one, one.acknowledged.length, Math.random)).toEqual({ lost: [], doubled: [] });
  for (const { name } of publishers) {
    const isFound = ({ body }: { readonly body: unknown }): boolean => (body as { items?: { name: string }[] }).items?.some((one) => one.name === name) === true;
    await until({ what: `${name} to be found`, read: () => victim.site.get(`/v1/search?q=${name}`), isDone: isFound });
  }
  expect(await victim.site.get('/readyz')).toMatchObject({ status: 200 });
}

const cases: [what: string, error: DiskError, codes: string[], meant: Meant][] = [
  ['a full disk', 'ENOSPC', ['STORAGE_FULL'], changing],
  ['a disk that was mounted read-only', 'EROFS', ['STORAGE_DENIED'], changing],
  ['a folder that may not be written', 'EACCES', ['STORAGE_DENIED'], changing],
  ['EIO on every write', 'EIO', ['STORAGE_CORRUPT'], { calls: ['write'], where: '' }],
  ['EIO on every fsync', 'EIO', ['STORAGE_CORRUPT'], { calls: ['sync', 'sync folder'], where: '' }],
  ["EIO on the fsync of a blob's bytes", 'EIO', ['STORAGE_CORRUPT'], { calls: ['sync'], where: 'drafts/' }],
  ["EIO on the fsync of a blob's name", 'EIO', ['STORAGE_CORRUPT'], { calls: ['sync folder'], where: 'blobs/' }],
  ['EIO on writes of records', 'EIO', ['STORAGE_CORRUPT'], { calls: ['write'], where: 'logs.db-wal' }],
  ['EIO on the fsync of records', 'EIO', ['STORAGE_CORRUPT'], { calls: ['sync'], where: 'logs.db-wal' }],
  ['a full disk when records are written', 'ENOSPC', ['STORAGE_FULL'], { calls: ['write', 'sync'], where: 'logs.db-wal' }],
];

faultTest.each(cases)('%s: a typed error, reads go on; when it is over publishing goes on without a restart, and a power failure takes nothing', async (_what, error, codes, meant) => {
  for (let run = 0; run < runOptions.runs; run += 1) {
    const random = seededRandom(runOptions.seed + run);
    const victim = new Victim(world, `disk-${(sites += 1)}`, interposer);
    const publishers = [1, 4].map((together) => new Publisher(`on-${victim.site.name}-${together}`, { together, bytes: 30_000 }, random));
    await victim.start();
    for (const one of publishers) await one.publishOn(victim.site, 2);
    victim.control.arm({ ...meant, action: 'fail', error });
    for (const one of publishers) {
      const before = victim.control.hits;
      const code = await refusalOf(victim, one);
      // Some steps are only those of one blob, not of many together.
      if (code !== undefined || victim.control.hits > before) expect(codes).toContain(code);
      await requireAll(victim, publishers);
    }
    expect(victim.control.hits).toBeGreaterThan(0);
    victim.control.disarm();
    for (const one of publishers) {
      await one.publishOn(victim.site, 2);
      await one.publishAgain(victim.site);
      expect(one.acknowledged.length).toBeGreaterThanOrEqual(4);
    }
    await victim.kill();
    victim.cutPower({ isWritten: () => false, namings: () => 0 });
    await victim.start();
    await requireAll(victim, publishers);
    expect(await damageOf(victim.site)).toEqual([]);
    await victim.kill();
  }
});
