import { expect, test } from '@jest/globals';
import type { NetworkStatus } from '@souk/contracts';
import { SoukError } from '@souk/domain';
import { StaleNote } from './stale-note.ts';

const since = '2026-01-01T00:00:00.000Z';
const status = (freshness?: NetworkStatus['freshness']): { status: Partial<NetworkStatus> } => ({ status: freshness ? { freshness } : {} });
const stale = status({ stale: true, since, needed: 2, attested: [] });

/** A peer that says what it is told to, or nothing, and counts how often it is asked. */
class Peer {
  asked = 0;
  says: Promise<unknown> = Promise.resolve(stale);
  readonly call = (() => {
    this.asked += 1;
    return this.says;
  }) as never;
}

test('what the peer says of freshness is added to answers, and is asked for again when it has grown old, while answers go on', async () => {
  let now = 0;
  const peer = new Peer();
  const note = new StaleNote(peer, () => now);
  expect([await note.added(), await note.added(), peer.asked]).toEqual([{ stale: { since } }, { stale: { since } }, 1]);
  const slow = Promise.withResolvers<unknown>();
  peer.says = slow.promise;
  now = 60_000;
  expect([await note.added(), await note.added(), peer.asked]).toEqual([{ stale: { since } }, { stale: { since } }, 2]);
  slow.resolve(status({ stale: false, needed: 2, attested: [] }));
  while ((await note.added()).stale !== undefined);
  expect(peer.asked).toBe(2);
});

test('nothing is added where there is no charter, nor while no peer answers; what it said last counts when it answers no more', async () => {
  let now = 0;
  const peer = new Peer();
  const note = new StaleNote(peer, () => now);
  peer.says = Promise.reject(new SoukError('UNAVAILABLE', 'nobody'));
  expect(await note.added()).toEqual({});
  peer.says = Promise.resolve(status());
  expect(await new StaleNote(peer, () => now).added()).toEqual({});
  peer.says = Promise.resolve(stale);
  now = 10_000;
  while ((await note.added()).stale === undefined);
  peer.says = Promise.reject(new SoukError('TIMEOUT', 'nobody'));
  now = 20_000;
  expect(await note.added()).toEqual({ stale: { since } });
});
