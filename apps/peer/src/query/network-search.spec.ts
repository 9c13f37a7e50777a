import { expect, test } from '@jest/globals';
import type { FoundPackage, SearchQuery } from '@souk/contracts';
import { noPolicy, SoukError, type PackageName, type VerifiedRecord, type Version } from '@souk/domain';
import type { AskOptions, PeerNode, SuperAnswer } from '@souk/p2p';
import { author } from '@souk/testing/builders';
import { searchNetworkFor } from './network-search.ts';

const query: SearchQuery = { q: 'kit', sort: 'relevance', limit: 20, offset: 0 };
const ada = author('ada');
const kit = ada.releases('kit', '1.0.0');
const hit = (name: string, version = '1.0.0'): FoundPackage => ({ name: name as PackageName, version: version as Version, versions: 2, updatedAt: '2026-01-01T00:00:00.000Z' });

/** A node whose super-peers answer, one after the other, with hits and records. */
function asking(...answers: readonly { readonly hits: readonly FoundPackage[]; readonly records: readonly VerifiedRecord[]; readonly total?: number }[]): { node: Pick<PeerNode, 'ask'>; judged: string[] } {
  const judged: string[] = [];
  const ask = async (_question: unknown, { judge }: AskOptions = {}): Promise<SuperAnswer> => {
    for (const [index, { hits, records, total = hits.length }] of answers.entries()) {
      const answer: SuperAnswer = { superPeer: `super-${index}`, records, later: [], found: { total, hits: [...hits], facets: { kind: [], keyword: [], license: [] } } };
      const judgement = (await judge?.(answer)) ?? 'enough';
      judged.push(judgement);
      if (judgement === 'enough') return answer;
    }
    throw new SoukError('UNAVAILABLE', 'No super-peer answers.');
  };
  return { node: { ask }, judged };
}

const search = (node: Pick<PeerNode, 'ask'>, policy = noPolicy) => searchNetworkFor(query, { node, policy, now: () => 0 }, new AbortController().signal);

test('hits are shown as their records say', async () => {
  const { node } = asking({ hits: [hit('kit')], records: ada.records });
  expect(await search(node)).toMatchObject({ superPeer: 'super-0', total: 1, items: [{ name: 'kit', publisher: ada.id, versions: 2, remote: true }] });
});

test.each<[what: string, hits: readonly FoundPackage[], records: readonly VerifiedRecord[]]>([
  ['without a record', [hit('kit'), hit('lie')], ada.records],
  ['of a version that nobody signed', [hit('kit', '9.9.9')], ada.records],
  ['without the records behind its key', [hit('kit')], [kit]],
  ['beyond the total', [hit('kit'), hit('kit')], ada.records],
])('an answer with a hit %s is dropped as a whole, and the next super-peer counts', async (what, hits, records) => {
  const { node, judged } = asking({ hits, records, ...(what === 'beyond the total' ? { total: 1 } : {}) }, { hits: [hit('kit')], records: ada.records });
  expect(await search(node)).toMatchObject({ superPeer: 'super-1', items: [{ name: 'kit' }] });
  expect(judged).toEqual(['invented', 'enough']);
});

test('what the site bans or took down is not found by others either, and nobody is blamed for it', async () => {
  const { node, judged } = asking({ hits: [hit('kit')], records: ada.records }, { hits: [hit('kit')], records: ada.records });
  expect((await search(node, { ...noPolicy, banOf: () => ({ reason: 'spam' }) as never })).items).toEqual([]);
  expect((await search(node, { ...noPolicy, isTakenDown: () => true })).items).toEqual([]);
  expect(judged).toEqual(['enough', 'enough']);
});
