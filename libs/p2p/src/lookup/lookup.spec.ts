import { expect, test } from '@jest/globals';
import { factsOf, network, seededBytes } from '@souk/testing';

test('a lookup names the tier that knew: here, a linked peer, the DHT, nobody', async () => {
  await using net = network();
  const a = await net.peer('a');
  const b = await net.peer('b', { join: [a] });
  const c = await net.peer('c', { join: [b] });
  await c.linkedTo(a, b);
  const facts = await a.keeps(seededBytes('somewhere', 100));
  expect(await a.node.lookup(facts.cid)).toMatchObject({ tier: 'local', providers: [a.id] });
  expect(await c.node.lookup(facts.cid)).toMatchObject({ tier: 'peers', providers: [a.id] });
  await a.node.provide([facts.cid]);
  await net.part([a], [c]);
  expect(await c.node.lookup(facts.cid)).toMatchObject({ tier: 'dht', providers: [a.id] });
  expect(await c.node.lookup(factsOf(seededBytes('nowhere', 1)).cid)).toMatchObject({ tier: 'none', providers: [] });
});

test('of more blobs than may be announced the newest are, and a stopped peer leaves nobody waiting', async () => {
  await using net = network({ limits: { providedCids: 2 } });
  const a = await net.peer('a');
  const facts = await Promise.all(['oldest', 'newer', 'newest'].map((name) => a.keeps(seededBytes(name, 10))));
  const told = a.node.provide(facts.map((one) => one.cid));
  const b = await net.peer('b', { join: [a] });
  const c = await net.peer('c', { join: [b] });
  await told;
  await net.part([a], [c]);
  const tiers = await Promise.all(facts.map(async (one) => (await c.node.lookup(one.cid)).tier));
  expect(tiers).toEqual(['none', 'dht', 'dht']);
  const alone = await net.peer('alone');
  const waiting = alone.node.provide([(await alone.keeps(Uint8Array.of(1))).cid]);
  await net.stop(alone);
  await waiting;
});

test('what is withdrawn before anybody heard of it is announced to nobody', async () => {
  await using net = network();
  const a = await net.peer('a');
  const [kept, gone] = [await a.keeps(seededBytes('kept', 10)), await a.keeps(seededBytes('gone', 10))];
  const told = a.node.provide([gone.cid, kept.cid]);
  await a.node.withdraw([gone.cid, factsOf(seededBytes('never', 1)).cid]);
  const b = await net.peer('b', { join: [a] });
  const c = await net.peer('c', { join: [b] });
  await told;
  await net.part([a], [c]);
  expect(await c.node.lookup(kept.cid)).toMatchObject({ tier: 'dht', providers: [a.id] });
  expect(await c.node.lookup(gone.cid)).toMatchObject({ tier: 'none' });
});
