import { expect, test } from '@jest/globals';
import { readSelf, type ChangeEvent } from '@souk/contracts';
import { SoukError } from '@souk/domain';
import type { PeerReads } from '@souk/nest';
import { CatalogueChanges } from './catalogue-changes.ts';

const admit = async (): Promise<void> => {};

/** A peer whose catalogue is a list of packages in order of arrival, two of which it tells at once; it counts how often it was asked. */
function peerOf(...names: string[]) {
  const asked: number[] = [];
  const call = async (contract: unknown, { after }: { after: number }): Promise<unknown> => {
    if (contract === readSelf) return { status: { arrival: names.length } };
    asked.push(after);
    const told = names.slice(after, after + 2);
    return { packages: told.map((name) => ({ name })), gone: [], next: after + told.length, caughtUp: after + 2 >= names.length };
  };
  return { asked, names, peers: { call } as unknown as Pick<PeerReads, 'call'> };
}

/** The next `count` events. */
async function next(events: AsyncGenerator<ChangeEvent>, count: number): Promise<unknown[]> {
  const told: unknown[] = [];
  while (told.length < count) {
    const { value, done } = await events.next();
    if (done) break;
    told.push(value.type === 'changed' ? value.package.name : value.type === 'cursor' ? value.cursor : value.type);
  }
  return told;
}

test('a follower is told what came after its cursor, page by page, and then what comes', async () => {
  const { names, peers } = peerOf('a', 'b', 'c');
  const changes = new CatalogueChanges(peers);
  const gone = new AbortController();
  const events = changes.follow({ after: 0, admit, signal: gone.signal });
  expect(await next(events, 5)).toEqual(['a', 'b', 2, 'c', 3]);
  const later = next(events, 2);
  names.push('d');
  changes.poke();
  expect(await later).toEqual(['d', 4]);
  const end = events.next();
  gone.abort();
  expect(await end).toMatchObject({ done: true });
});

test('without a cursor it is told what is new from now on', async () => {
  const { names, peers } = peerOf('a', 'b');
  const changes = new CatalogueChanges(peers);
  const events = changes.follow({ admit, signal: new AbortController().signal });
  expect(await next(events, 1)).toEqual([2]);
  const later = next(events, 2);
  names.push('c');
  changes.poke();
  expect(await later).toEqual(['c', 3]);
  await events.return();
});

test('news that come while a page is read are not slept over', async () => {
  const { names, peers } = peerOf('a');
  const changes = new CatalogueChanges(peers);
  const events = changes.follow({ after: 0, admit, signal: new AbortController().signal });
  expect(await next(events, 1)).toEqual(['a']);
  names.push('b');
  changes.poke();
  expect(await next(events, 3)).toEqual([1, 'b', 2]);
  await events.return();
});

test('a lost event costs no more than the longest silence', async () => {
  const { names, peers } = peerOf('a');
  const events = new CatalogueChanges(peers, { aliveMs: 1 }).follow({ after: 0, admit, signal: new AbortController().signal });
  expect(await next(events, 2)).toEqual(['a', 1]);
  names.push('b');
  for (;;) if ((await next(events, 1))[0] === 'b') break;
  await events.return();
});

test('followers that are level share one reading of the peer', async () => {
  const { asked, peers } = peerOf('a');
  const changes = new CatalogueChanges(peers);
  const all = Array.from({ length: 10 }, () => changes.follow({ after: 0, admit, signal: new AbortController().signal }));
  await Promise.all(all.map((one) => one.next()));
  expect(asked).toEqual([0]);
  await Promise.all(all.map((one) => one.return()));
});

test('whoever may not read any more is told nothing more', async () => {
  const { names, peers } = peerOf('a');
  const changes = new CatalogueChanges(peers);
  let isRevoked = false;
  const asks = async (): Promise<void> => {
    if (isRevoked) throw new SoukError('UNAUTHORIZED', 'The token was revoked.');
  };
  const events = changes.follow({ after: 0, admit: asks, signal: new AbortController().signal });
  expect(await next(events, 2)).toEqual(['a', 1]);
  isRevoked = true;
  const later = events.next();
  names.push('b');
  changes.poke();
  await expect(later).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});

test('followers are limited, and one that goes makes room', async () => {
  const { peers } = peerOf();
  const changes = new CatalogueChanges(peers);
  const all = Array.from({ length: 200 }, () => changes.follow({ after: 0, admit, signal: new AbortController().signal }));
  await Promise.all(all.map((one) => one.next()));
  const oneMore = (): Promise<unknown> => changes.follow({ after: 0, admit, signal: new AbortController().signal }).next();
  await expect(oneMore()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  await all[0]?.return();
  await expect(oneMore()).resolves.toMatchObject({ done: false });
  await Promise.all(all.map((one) => one.return()));
});
