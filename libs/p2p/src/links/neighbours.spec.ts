import { test } from '@jest/globals';
import { author, network } from '@souk/testing';

test('parts of a network that have links enough of their own are linked again after a partition, by themselves', async () => {
  await using net = network({ limits: { neighbours: 1, longestRedialMs: 200 } });
  const a = await net.peer('a');
  const b = await net.peer('b', { join: [a] });
  const kept = Promise.withResolvers<void>();
  const onRemember = (addresses: readonly string[]): void => (addresses.some((address) => address.includes(a.id)) ? kept.resolve() : undefined);
  const d = await net.peer('d');
  const c = await net.peer('c', { join: [d], onRemember });
  await Promise.all([a.linkedTo(b), d.linkedTo(c)]);
  await c.node.dial(a.node.multiaddrs()[0] as string);
  await kept.promise;
  await net.part([a, b], [c, d]);
  const [ada, bob] = [author('ada'), author('bob')];
  await Promise.all([a.publishes(...ada.records), d.publishes(...bob.records)]);
  net.heal();
  await c.linkedTo(a);
  await Promise.all([b.holds(...bob.records), d.holds(...ada.records)]);
});
