import { afterAll, beforeAll, expect } from '@jest/globals';
import { natsTest } from '@souk/testing/nats';
import { Journey } from './journey/journey.ts';
import { ending, story } from './journey/story.ts';
import type { ServicesSite } from './scenario/services-site.ts';

let b: ServicesSite;
// A and B as one process per service, two of each that keeps nothing; C in one process, so that both kinds meet.
const journey = new Journey((world) => ({ a: world.services('a', { replicas: 2 }), b: (b = world.services('b', { replicas: 2 })), c: world.site('c') }));

beforeAll(() => journey.begin());
afterAll(() => journey.world.end());

for (const [what, prove] of story) natsTest(what, () => prove(journey));

natsTest('both gateways of B had a part in it, and no process ended by itself', async () => {
  for (const replica of [0, 1]) expect(await b.metric('gateway', replica, 'souk_http_total')).toBeGreaterThan(10);
  for (const service of ['peer', 'search', 'install', 'reputation', 'gateway']) expect(b.lives(service)).toHaveLength(1);
});

natsTest(ending[0], () => ending[1](journey));
