import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { natsTest } from '@souk/testing/nats';
import { writePackage } from './packages/written-package.ts';
import type { Person } from './scenario/person.ts';
import { Scenario } from './scenario/scenario.ts';

const world = new Scenario();
const site = world.services('a', { replicas: 1, peers: 3 });
const [ada, eve] = [world.person('ada'), world.person('eve')];
let versions = 0;

const write = (version: string): string => writePackage(world.folder('goods', version), { name: 'lamp', version });
const publish = (who: Person, version: string): ReturnType<Person['souk']> => who.souk('publish', write(version));

/** Somebody who was never here installs a version. */
async function installs(version: string): Promise<unknown> {
  const guest = world.person(`guest-${(versions += 1)}`).at(site);
  await guest.does('install', `lamp@${version}`);
  return JSON.parse(readFileSync(join(guest.project, 'souk_modules', 'lamp', 'package.json'), 'utf8'));
}

beforeAll(async () => {
  await site.start();
  for (const who of [ada, eve]) who.at(site);
});
afterAll(() => world.end());

natsTest('a site of three peers loses the disk of each in turn right after an acknowledgement, and nothing that it acknowledged', async () => {
  expect(await publish(ada, '1.0.0')).toMatchObject({ code: 0 });
  for (const ordinal of [0, 1, 2]) {
    await site.loseDisk(ordinal);
    await site.revived('peer', ordinal);
    expect(await installs(`1.${ordinal}.0`)).toMatchObject({ version: `1.${ordinal}.0` });
    expect(await publish(eve, `9.0.${ordinal}`)).toMatchObject({ code: 4, json: { code: 'NAME_TAKEN' } });
    expect(await publish(ada, `1.${ordinal + 1}.0`)).toMatchObject({ code: 0, json: { status: 'published' } });
  }
  for (const version of ['1.0.0', '1.1.0', '1.2.0', '1.3.0']) expect(await installs(version)).toMatchObject({ version });
});
