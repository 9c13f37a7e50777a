import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seedFrom, toHex } from '@souk/domain';
import { NetworkSpace } from './scenario/network-space.ts';
import { Scenario } from './scenario/scenario.ts';

const world = new Scenario();
const space = await NetworkSpace.open([], world.environment);
if (!space) console.log('Neither root nor a user namespace may make a network here: that sites nearby find each other is not tried.');
const inSpace = space ? describe : describe.skip;

const env = { SOUK_MDNS: 'on', SOUK_P2P_HOST: '127.0.0.1' };
const ours = { ...env, SOUK_NETWORK_KEY: toHex(seedFrom('our network')) };
const site = (name: string, settings: Readonly<Record<string, string>>): ReturnType<Scenario['site']> => world.site(name).with(settings).inside(space?.enter ?? []);
const [a, b, stranger] = [site('a', ours), site('b', ours), site('stranger', { ...env, SOUK_NETWORK_KEY: toHex(seedFrom('their network')) })];
const ada = world.person('ada').inside(space?.enter ?? []);

interface Peers {
  readonly peers: readonly { readonly peer: string }[];
}

beforeAll(async () => {
  if (!space) return;
  world.onEnd(() => space.close());
  ada.at(await a.start());
  await Promise.all([stranger.start(), b.start()]);
});
afterAll(() => world.end());

inSpace('sites of one network on one local network', () => {
  test('find each other without being told of anybody, and not those of another network', async () => {
    let found: readonly { readonly peer: string }[] = [];
    while (found.length === 0) found = ((await ada.does('network', 'peers')) as Peers).peers;
    expect(found.map((one) => one.peer)).toEqual([b.peerId]);
  });
});
