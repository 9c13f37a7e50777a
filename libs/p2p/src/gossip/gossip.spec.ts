import { expect, test } from '@jest/globals';
import { author, network } from '@souk/testing';

test('a record published at one peer is on disk at another by gossip alone', async () => {
  await using net = network();
  const a = await net.peer('a');
  const b = await net.peer('b', { join: [a] });
  await b.linkedTo(a);
  const ada = author('ada');
  ada.releases('left-pad', '1.0.0');
  await a.publishes(...ada.records);
  await b.holds(...ada.records);
  await net.converged();
  expect(await b.logs.size()).toEqual(await a.logs.size());
});
