import { expect, test } from '@jest/globals';
import { maxQueried, QueryFrame, protocols } from '@souk/contracts';
import type { PackageName, SignedRecord } from '@souk/domain';
import { author, network, until, type TestNetwork, type TestPeer, type TestPeerOptions } from '@souk/testing';
import type { Evidence, Found, Question, QuerySource } from './query-server.ts';
import type { TraceHook } from '../frame/trace-hook.ts';

const ada = author('ada');
const kit = ada.releases('kit', '1.0.0');
const kitQuestion: Question = { t: 'packages?', names: ['kit' as PackageName] };
const nothing: Evidence = { records: [] };
const noHits: Found = { total: 0, hits: [], facets: { kind: [], keyword: [], license: [] } };

/** A super-peer's answers, some of them as a test wants them. */
function answering(answers: Partial<QuerySource>): QuerySource {
  return { packages: async () => nothing, search: async () => ({ ...nothing, found: noHits }), followed: async () => nothing, ...answers };
}

const honest = answering({ packages: async () => ({ records: ada.records }) });
/** The same records, the last one of them with another signature. */
const forged: readonly SignedRecord[] = ada.records.map((one) => (one === kit ? { ...one, signature: new Uint8Array(64).fill(7) } : one));

/** Super-peers with these answers, and a leaf that is linked to all of them. */
async function scene(net: TestNetwork, sources: readonly QuerySource[], options: TestPeerOptions = {}): Promise<{ supers: readonly TestPeer[]; leaf: TestPeer }> {
  const supers = await Promise.all(sources.map((answers, index) => net.peer(`super-${index}`, { role: 'super', answers, ...options })));
  const leaf = await net.peer('leaf', { role: 'leaf', supers });
  await leaf.hasSupers(sources.length);
  return { supers, leaf };
}

const verdictOn = (leaf: TestPeer, one: TestPeer): string[] => leaf.verdicts.filter(({ peer }) => peer === one.id).map(({ verdict }) => verdict);

/** Asks until the first super-peer, which is asked in random order, was asked at least once. */
async function askedUntil(leaf: TestPeer, one: TestPeer, ask: () => Promise<unknown>): Promise<void> {
  while (verdictOn(leaf, one).length === 0) await ask();
}

test('an answer is the records that a super-peer sends, verified, however many frames they take', async () => {
  await using net = network();
  const large = author('large');
  for (let patch = 0; patch < 150; patch += 1) large.releases('large', `1.0.${patch}`, { description: 'x'.repeat(2000) });
  const { leaf } = await scene(net, [answering({ packages: async () => ({ records: large.records }) })]);
  const { records } = await leaf.node.ask({ t: 'packages?', names: ['large' as PackageName] });
  expect(records.map((one) => one.hash)).toEqual(large.records.map((one) => one.hash));
});

test('a record that nobody signed makes an answer worth nothing: it is held against the super-peer, and a second one is asked', async () => {
  await using net = network();
  const { supers, leaf } = await scene(net, [answering({ packages: async () => ({ records: forged }) }), honest]);
  const [liar, other] = supers as [TestPeer, TestPeer];
  await askedUntil(leaf, liar, async () => {
    const { superPeer, records } = await leaf.node.ask(kitQuestion);
    expect([superPeer, records.length]).toEqual([other.id, ada.records.length]);
  });
  expect(verdictOn(leaf, liar)).toContain('bad-answer');
  await until(async () => (await leaf.observations.since(0, 10)).some(({ peer, outcome }) => peer === liar.id && outcome === 'corrupt'), leaf.changes);
  expect(await leaf.logs.size()).toMatchObject({ logs: 0 });
});

test('what the records of an answer do not prove is not believed, and a second super-peer is asked', async () => {
  await using net = network();
  const { supers, leaf } = await scene(net, [answering({}), honest]);
  const [liar, other] = supers as [TestPeer, TestPeer];
  await askedUntil(leaf, liar, async () => {
    const answer = await leaf.node.ask(kitQuestion, { judge: async ({ records }) => (records.length > 0 ? 'enough' : 'invented') });
    expect(answer.superPeer).toBe(other.id);
  });
  expect(verdictOn(leaf, liar)).toEqual(['invented']);
});

test('what one super-peer leaves out another one tells; when both do, that is the answer', async () => {
  await using net = network();
  const judge = async ({ records }: { readonly records: readonly unknown[] }) => (records.length > 0 ? 'enough' : 'thin') as 'enough' | 'thin';
  const { supers, leaf } = await scene(net, [answering({}), honest]);
  const [silent, other] = supers as [TestPeer, TestPeer];
  await askedUntil(leaf, silent, async () => expect((await leaf.node.ask(kitQuestion, { judge })).superPeer).toBe(other.id));
  expect(verdictOn(leaf, silent)).toContain('omitted');
  await net.stop(other);
  await leaf.hasSupers(1);
  expect((await leaf.node.ask(kitQuestion, { judge })).records).toEqual([]);
});

test('names that did not fit are told; a super-peer that puts off all of them is not believed', async () => {
  await using net = network();
  const names = ['kit', 'more'] as PackageName[];
  const { leaf } = await scene(net, [answering({ packages: async (asked) => ({ records: ada.records, later: asked.length > 1 ? asked.slice(1) : asked }) })]);
  expect((await leaf.node.ask({ t: 'packages?', names })).later).toEqual(['more']);
  await expect(leaf.node.ask({ t: 'packages?', names: names.slice(1) })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('without a super-peer, or one that answers in time, it is said that nobody answers', async () => {
  await using net = network();
  const alone = await net.peer('alone', { role: 'leaf' });
  await expect(alone.node.ask(kitQuestion)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  const { leaf } = await scene(net, [answering({ packages: () => new Promise(() => undefined) })]);
  const given = new AbortController();
  const asking = leaf.node.ask(kitQuestion, { signal: given.signal });
  given.abort();
  await expect(asking).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('only super-peers that have something to answer from are asked', async () => {
  await using net = network();
  const full = await net.peer('full', { role: 'full', answers: honest });
  const leaf = await net.peer('leaf', { role: 'leaf', supers: [full] });
  await leaf.hasSupers(1);
  await expect(leaf.node.ask(kitQuestion)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('a peer that asks more than it may is refused, and others are answered as before', async () => {
  await using net = network({ lookupLimits: { queries: { perSecond: 0.001, burst: 3 } } });
  const { supers, leaf } = await scene(net, [honest]);
  const other = await net.peer('other', { role: 'leaf', supers });
  await other.hasSupers(1);
  for (let turn = 0; turn < 3; turn += 1) expect((await leaf.node.ask(kitQuestion)).records).toHaveLength(ada.records.length);
  await expect(leaf.node.ask(kitQuestion)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect((await other.node.ask(kitQuestion)).records).toHaveLength(ada.records.length);
});

test('an answer has at most as many bytes as one may have', async () => {
  await using net = network();
  const hub = await net.peer('super', { role: 'super', answers: honest });
  const leaf = await net.peer('leaf', { role: 'leaf', supers: [hub], lookupLimits: { queryBytes: 100 } });
  await leaf.hasSupers(1);
  await expect(leaf.node.ask(kitQuestion)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await leaf.judges(hub, 'bad-answer');
});

test('the trace of a question is the one of its answer', async () => {
  await using net = network();
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const seen: string[] = [];
  const untraced: TraceHook = { current: () => undefined, ask: (_exchange, work) => work(), serve: (_exchange, _trace, work) => work() };
  const serve: TraceHook['serve'] = (_exchange, given, work) => {
    seen.push(given);
    return work();
  };
  const hub = await net.peer('super', { role: 'super', answers: honest, trace: { ...untraced, serve } });
  const leaf = await net.peer('leaf', { role: 'leaf', supers: [hub], trace: { ...untraced, current: () => traceparent } });
  await leaf.hasSupers(1);
  await leaf.node.ask(kitQuestion);
  expect(seen).toContain(traceparent);
});

test('questions are bounded: more names than one may have are no frame', () => {
  const names = Array.from({ length: maxQueried.names + 1 }, (_, index) => `kit-${index}`);
  expect(QueryFrame.safeParse({ t: 'packages?', names }).success).toBe(false);
  expect(QueryFrame.safeParse({ t: 'packages?', names: names.slice(1) }).success).toBe(true);
  expect(QueryFrame.safeParse({ t: 'follow?', publishers: [], names: ['@Team/*'] }).success).toBe(false);
  expect(protocols.query).toBe('/souk/query/1');
});
