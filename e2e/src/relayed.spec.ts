import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seedFrom, toHex } from '@souk/domain';
import { publishSmall, type Acknowledged } from './scenario/kept.ts';
import { NetworkSpace } from './scenario/network-space.ts';
import { freePort } from './scenario/free-port.ts';
import { Scenario } from './scenario/scenario.ts';

const world = new Scenario();
const space = await NetworkSpace.open(['home', 'office'], world.environment);
if (!space) console.log('Neither root nor a user namespace may make networks here: that relays reach whom nobody can dial is tried on loopback only.');
const inSpace = space ? describe : describe.skip;

const port = String(await freePort());
const key = { SOUK_NETWORK_KEY: toHex(seedFrom('network')) };
const middle = world.site('middle').with({ ...key, SOUK_ROLE: 'super', SOUK_P2P_HOST: '0.0.0.0', SOUK_P2P_PORT: port }).inside(space?.enter ?? []);
/** A leaf in the n-th network, from which there is a way to the middle and none to the other one. */
const leaf = (name: string, at: number, env: Readonly<Record<string, string>> = {}): typeof middle =>
  world.site(name).with({ ...key, SOUK_ROLE: 'leaf', SOUK_SUPERS: `/ip4/10.9.${at}.1/tcp/${port}`, SOUK_P2P_HOST: `10.9.${at}.2`, ...env }).inside(space?.in(name) ?? []);
const [home, office] = [leaf('home', 1, { SOUK_RELAY: 'use' }), leaf('office', 2)];
const [ada, ben] = [world.person('ada').inside(space?.in('home') ?? []), world.person('ben').inside(space?.in('office') ?? [])];
let published: Acknowledged;

beforeAll(async () => {
  if (!space) return;
  world.onEnd(() => space.close());
  await middle.start();
  await Promise.all([home.start(), office.start()]);
  ada.at(home);
  ben.at(office);
  published = await publishSmall(ada, world.folder('kit'), { name: 'kit' });
});
afterAll(() => world.end());

inSpace('a site that nobody can dial', () => {
  test('publishes, and another one that it can not reach either installs it through the relay of a super-peer', async () => {
    let found = false;
    while (!found) found = ((await ben.does('network', 'lookup', published.cid)) as { readonly providers: readonly unknown[] }).providers.length > 0;
    expect(await ben.does('install', 'kit')).toMatchObject({ packages: [{ name: 'kit', cid: published.cid, change: 'added' }] });
    const links = (await ben.does('network', 'peers')) as { readonly peers: readonly { readonly peer: string; readonly addresses: readonly string[] }[] };
    expect(links.peers.find((one) => one.peer === home.peerId)?.addresses.join()).toContain('/p2p-circuit');
  });
});
