import { expect, test } from '@jest/globals';
import { protocols, type NetworkFrame } from '@souk/contracts';
import { seedFrom } from '@souk/domain';
import { network } from '@souk/testing';
import { RawPeer } from '@souk/testing/hostile';
import type { Channel } from '../frame/channel.ts';
import { orAbort } from '../node/waiting.ts';
import { NetworkTalk } from './network-talk.ts';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const ignore = (): undefined => undefined;

test('who answers slowly for ever loses its lane, and others have their turn', async () => {
  const channel = { close: async () => undefined, abort: ignore } as unknown as Channel<NetworkFrame>;
  const talk = new NetworkTalk({ charter: undefined, signer: undefined, log: silent, open: async () => channel, linked: () => [], supers: () => [], zone: undefined, onSupers: ignore, onZone: ignore, longestMs: 50 });
  const slow = Array.from({ length: 8 }, (_, at) => talk.with(`slow ${at}`, async (_channel, { signal }) => orAbort(new Promise<never>(ignore), signal, 'It')));
  let isAnswered = false;
  await talk.with('quick', async () => void (isAnswered = true));
  expect(isAnswered).toBe(true);
  await Promise.all(slow);
});

test('who asks about the network again and again without an end loses its stream', async () => {
  await using net = network({ limits: { serveMs: 200 } });
  const hub = await net.peer('hub');
  await using raw = await RawPeer.start({ name: 'raw', networkKey: seedFrom('network') });
  const stream = await raw.open(await raw.connect(hub.node.multiaddrs()[0] as string), protocols.network);
  let answer: unknown = { t: 'version' };
  while (answer !== undefined && stream.isOpen) answer = await stream.ask({ t: 'hello', version: 0 }).catch(ignore);
  expect(await stream.ended).toBe('reset');
});
