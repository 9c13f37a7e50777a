import { expect, test } from '@jest/globals';
import { factsOf, network, seededBytes, until } from '@souk/testing';

test('a lookup names the tier that knew: here, a linked peer, the DHT, nobody', async () => {
  await using net = network({ limits: { dhtMs: 300 } });
  const a = await net.peer('a');
  const b = await net.peer('b', { join: [a] });
  const c = await net.peer('c', { join: [b] });
  await c.linkedTo(a, b);
  const facts = await a.keeps(seededBytes('somewhere', 100));
  expect(await a.node.lookup(facts.cid)).toMatchObject({ tier: 'local', providers: [a.id] });
  expect(await c.node.lookup(facts.cid)).toMatchObject({ tier: 'peers', providers: [a.id] });
  await a.node.provide([facts.cid]);
  await net.part([a], [c]);
  await until(async () => {
    await c.node.announceRecords([]);
    return (await c.node.lookup(facts.cid)).tier === 'dht';
  }, a.changes, (changed) => {
    const timer = setInterval(changed, 20);
    return () => clearInterval(timer);
  });
  expect(await c.node.lookup(facts.cid)).toMatchObject({ tier: 'dht', providers: [a.id] });
  expect(await c.node.lookup(factsOf(seededBytes('nowhere', 1)).cid)).toMatchObject({ tier: 'none', providers: [] });
});
