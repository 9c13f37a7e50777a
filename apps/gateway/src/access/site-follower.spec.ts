import { afterEach, expect, test } from '@jest/globals';
import { SoukError } from '@souk/domain';
import { silentLog, type Rpc } from '@souk/nest';
import { LogWriter } from '@souk/testing';
import { SitePeer } from '../testing/site-peer.ts';
import { SiteFollower, type SiteFollowerNeeds } from './site-follower.ts';

const hour = 3_600_000;
const followers: SiteFollower[] = [];
afterEach(async () => {
  for (const one of followers.splice(0)) await one.onApplicationShutdown();
});

interface Scene {
  readonly peer: SitePeer;
  readonly follower: SiteFollower;
  /** What a clock that a test turns shows. */
  now: number;
  /** Whether the peer answers. */
  isHeard: boolean;
  reads: number;
  readonly unmet: (string | undefined)[];
}

function scene(options: Partial<SiteFollowerNeeds> = {}): Scene {
  const peer = new SitePeer();
  const all: Scene = { peer, now: 0, isHeard: true, reads: 0, unmet: [] } as never;
  const call = async (_contract: unknown, { after, limit }: { after: number; limit: number }): Promise<unknown> => {
    all.reads += 1;
    if (!all.isHeard) throw new SoukError('UNAVAILABLE', 'nobody answers');
    return peer.read(after, limit);
  };
  const condition = { met: () => all.unmet.push(undefined), unmet: (reason?: string) => all.unmet.push(reason ?? 'unmet') };
  const follower = new SiteFollower({ rpc: { call } as unknown as Pick<Rpc, 'call'>, condition, log: silentLog, clock: () => all.now, idleMs: hour, patienceMs: 1, ...options });
  followers.push(follower);
  return Object.assign(all, { follower });
}

/** What a promise ends with, whichever way. */
const outcomeOf = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);
const accounts = ({ follower }: Scene): string[] => follower.state.accounts.accounts().map((one) => one.id);
const account = (id: string): Parameters<SitePeer['append']>[0] => ({ kind: 'account', body: { id, name: id, role: 'admin' } });

test('the peer\'s word is enough to read on; without it, asking again and again is', async () => {
  const told = scene();
  told.follower.start();
  await told.follower.including(1);
  told.peer.append(account('ada'));
  told.follower.poke();
  await told.follower.including(2);
  expect(accounts(told)).toEqual(['ada']);
  const untold = scene({ idleMs: 1, patienceMs: hour });
  untold.follower.start();
  untold.peer.append(account('ben'));
  while (accounts(untold).length === 0) await new Promise(setImmediate);
  expect(accounts(untold)).toEqual(['ben']);
});

test('no decision rests on knowledge that is older than a second: it is asked for, and without an answer nothing is decided', async () => {
  const one = scene();
  one.follower.start();
  await one.follower.fresh();
  const { reads } = one;
  one.now = 1000;
  await one.follower.fresh();
  expect(one.reads).toBe(reads);
  one.peer.append(account('ada'));
  one.now = 1001;
  await one.follower.fresh();
  expect([one.reads, accounts(one)]).toEqual([reads + 1, ['ada']]);
  one.isHeard = false;
  one.now = 2002;
  // The clock of patience goes on by itself.
  const outcome = outcomeOf(one.follower.fresh());
  one.now = 2010;
  expect(await outcome).toMatchObject({ code: 'UNAVAILABLE', hint: expect.any(String) });
  expect(one.unmet).toContain('nobody answers');
});

test.each<[string, () => LogWriter]>([
  ['of a foreign key', () => new LogWriter('thief')],
  ['of a rewritten log', () => new LogWriter('site')],
])('records %s are never believed, and nothing is decided by what was known before', async (_what, writer) => {
  const one = scene();
  one.peer.append(account('ada'));
  one.follower.start();
  await one.follower.including(2);
  const lies = writer();
  lies.write('inception', { rootKey: lies.key });
  for (const id of ['eve', 'eve-2', 'eve-3']) lies.write('account', { id, name: id, role: 'admin' });
  one.peer.lies = lies.records;
  one.now = 5000;
  const outcome = outcomeOf(one.follower.fresh());
  while (one.unmet.at(-1) === undefined) await new Promise(setImmediate);
  one.now = 5010;
  expect(await outcome).toMatchObject({ code: 'UNAVAILABLE' });
  expect([accounts(one), one.unmet.at(-1)]).toEqual([['ada'], expect.stringContaining("can't be followed")]);
});

test('a peer whose log became shorter is not believed', async () => {
  const one = scene();
  one.peer.append(account('ada'));
  one.follower.start();
  await one.follower.including(2);
  one.peer.lies = one.peer.records.slice(0, 1);
  one.follower.poke();
  while (one.unmet.at(-1) === undefined) await new Promise(setImmediate);
  expect([accounts(one), one.unmet.at(-1)]).toEqual([['ada'], expect.stringContaining('1 records at the peer, and 2 were read')]);
});
