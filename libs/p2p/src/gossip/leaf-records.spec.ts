import { setTimeout as after } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { protocols } from '@souk/contracts';
import { LogWriter, network } from '@souk/testing';

test('what a leaf brings to its super-peer is gossiped from there: other super-peers need not ask for it', async () => {
  await using net = network();
  const heard = new AbortController();
  const one = await net.peer('one', { role: 'super' });
  const two = await net.peer('two', { role: 'super', tap: { received: (protocol) => protocol === protocols.headsTopic && heard.abort() } });
  for (const peer of [one, two]) peer.node.setSupers([one, two].flatMap(({ node }) => node.multiaddrs()));
  await Promise.all([one.hasSupers(1), two.hasSupers(1)]);
  const leaf = await net.peer('leaf', { role: 'leaf', supers: [one] });
  await leaf.hasSupers(1);
  const writer = new LogWriter('ada');
  // Some time after they were linked both take part in gossip, and nobody but the leaf has anything to say.
  while (!heard.signal.aborted) {
    await leaf.publishes(writer.writeBytes('note', Uint8Array.of(0xa0)));
    await after(20, undefined, { signal: heard.signal }).catch(() => undefined);
  }
  await two.holds(...writer.records);
  expect((await two.logs.head(writer.key))?.seq).toBe(writer.records.length - 1);
});
