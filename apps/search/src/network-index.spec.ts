import { expect, test } from '@jest/globals';
import { SearchQuery, type NetworkSearchAnswer, type PackageSummary, type SearchAnswer } from '@souk/contracts';
import { SoukError, type PackageName, type Version } from '@souk/domain';
import type { PeerReads } from '@souk/nest';
import { author } from '@souk/testing';
import { NetworkIndex } from './network-index.ts';
import { SearchIndex } from './search-index.ts';

const publisher = author('ada').id;

function summary(name: string): PackageSummary {
  return { name: name as PackageName, version: '1.0.0' as Version, kind: 'package', description: 'A kit', keywords: [], publisher, updatedAt: '2026-01-01T00:00:00.000Z', versions: 1, stars: 0, downloads: 0 };
}

/** A super-peer's index with these packages, that notes what it was asked. */
class SuperPeer {
  readonly asked: SearchQuery[] = [];
  readonly #index = new SearchIndex();

  constructor(...names: readonly string[]) {
    this.#index.update(names.map(summary), []);
    this.#index.becomeWhole();
  }

  readonly peers = {
    call: async (_contract: unknown, query: SearchQuery): Promise<NetworkSearchAnswer> => {
      this.asked.push(query);
      const { total, items, facets, next } = this.#index.query(query);
      return { superPeer: 'super', total, items: items.map((one) => ({ ...one, remote: true })), facets, ...(next === undefined ? {} : { next }) };
    },
  } as unknown as PeerReads;
}

const silent = { call: () => Promise.reject(new SoukError('UNAVAILABLE', 'No super-peer answers.')) } as unknown as PeerReads;

function indexOf(...names: readonly string[]): SearchIndex {
  const index = new SearchIndex();
  index.update(names.map(summary), []);
  index.becomeWhole();
  return index;
}

const search = async (network: NetworkIndex, query: Partial<SearchQuery> = {}): Promise<SearchAnswer> => network.query(SearchQuery.parse({ sort: 'name', ...query }), new AbortController().signal);
const named = ({ items }: SearchAnswer): string[] => items.map((one) => (one.remote === true ? `${one.name} (remote)` : one.name));
const log = { debug: () => undefined };

test('a site that follows all asks nobody', async () => {
  const superPeer = new SuperPeer('a', 'b');
  const answer = await search(new NetworkIndex({ index: indexOf('a'), peers: superPeer.peers, log, follow: 'all' }));
  expect([named(answer), answer.followed, superPeer.asked]).toEqual([['a'], undefined, []]);
});

test('a site that follows a list finds what it follows first, then what a super-peer knows, each once, and says which is which', async () => {
  const answer = await search(new NetworkIndex({ index: indexOf('c', 'd'), peers: new SuperPeer('a', 'b', 'c', 'd', 'e').peers, log, follow: 'list' }));
  expect(named(answer)).toEqual(['c', 'd', 'a (remote)', 'b (remote)', 'e (remote)']);
  expect(answer).toMatchObject({ total: 5, followed: { hits: 2, superPeer: 'super' } });
});

test('page by page everything is told, each package once', async () => {
  const all = Array.from({ length: 23 }, (_, index) => `kit-${String(index).padStart(2, '0')}`);
  const network = new NetworkIndex({ index: indexOf('kit-03', 'kit-20', 'kit-21'), peers: new SuperPeer(...all).peers, log, follow: 'list' });
  const names: string[] = [];
  for (let offset: number | undefined = 0; offset !== undefined; ) {
    const answer: SearchAnswer = await search(network, { offset, limit: 4 });
    names.push(...answer.items.map((one) => one.name));
    offset = answer.next;
  }
  expect(names.toSorted()).toEqual(all);
  expect(names.slice(0, 3)).toEqual(['kit-03', 'kit-20', 'kit-21']);
});

test('when no super-peer answers, what is found here is the answer, and it says so', async () => {
  const answer = await search(new NetworkIndex({ index: indexOf('a'), peers: silent, log, follow: 'list' }));
  expect([named(answer), answer.total, answer.followed]).toEqual([['a'], 1, { hits: 1 }]);
});

test('what a super-peer leaves out is found here all the same', async () => {
  const answer = await search(new NetworkIndex({ index: indexOf('a', 'b'), peers: new SuperPeer('x').peers, log, follow: 'list' }));
  expect([named(answer), answer.total]).toEqual([['a', 'b', 'x (remote)'], 3]);
});
