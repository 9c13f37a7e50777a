import { afterAll, beforeAll, test } from '@jest/globals';
import { Journey } from './journey/journey.ts';
import { ending, story } from './journey/story.ts';

const journey = new Journey((world) => ({ a: world.site('a'), b: world.site('b'), c: world.site('c') }));

beforeAll(() => journey.begin());
afterAll(() => journey.world.end());

test.each([...story, ending])('%s', (_what, prove) => prove(journey));
