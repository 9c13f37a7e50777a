import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import type { Connection } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { seedFrom } from '@souk/domain';
import { createLibp2pNode, type FullLibp2p } from '../node/create-libp2p-node.ts';
import { fullPeerLimits, patientLimits } from '../node/peer-limits.ts';
import { stopLibp2p } from '../node/stop-libp2p.ts';
import { watchLinks } from './link-watch.ts';

/** A connection that answers as `ping` does, whoever is asked. */
class FakeLink extends EventTarget {
  readonly status = 'open';
  readonly broken = Promise.withResolvers<Error>();
  readonly muxer: { ping(): Promise<number> };
  rtt: number | undefined;
  constructor(ping: () => Promise<number>) {
    super();
    this.muxer = { ping };
  }
  abort(error: Error): void {
    this.broken.resolve(error);
  }
}

const opened = (libp2p: EventTarget, link: FakeLink): boolean => libp2p.dispatchEvent(new CustomEvent('connection:open', { detail: link }));

test('a link that gives no answer is broken, and one that answers is asked again', async () => {
  const libp2p = new EventTarget();
  watchLinks(libp2p as unknown as FullLibp2p, { everyMs: 1, answerMs: 20 });
  const asked = Promise.withResolvers<void>();
  let times = 0;
  const living = new FakeLink(async () => {
    times += 1;
    if (times === 30) asked.resolve();
    return 7;
  });
  const dead = new FakeLink(() => new Promise(() => undefined));
  for (const link of [living, dead]) opened(libp2p, link);
  expect(await dead.broken.promise).toMatchObject({ message: 'the other side gave no answer' });
  await asked.promise;
  expect(living.rtt).toBe(7);
});

test('a link that was closed is asked no more, and breaks nothing when its answer never comes', async () => {
  const libp2p = new EventTarget();
  watchLinks(libp2p as unknown as FullLibp2p, { everyMs: 1, answerMs: 10 });
  const asked = Promise.withResolvers<void>();
  const closed = new FakeLink(() => {
    asked.resolve();
    return new Promise(() => undefined);
  });
  const witness = new FakeLink(() => new Promise(() => undefined));
  opened(libp2p, closed);
  await asked.promise;
  libp2p.dispatchEvent(new CustomEvent('connection:close', { detail: closed }));
  opened(libp2p, witness);
  await witness.broken.promise;
  expect(await Promise.race([closed.broken.promise, Promise.resolve('whole')])).toBe('whole');
});

test('libp2p has what links are asked with: both sides come to know the round trip', async () => {
  const node = async (name: string): Promise<FullLibp2p & AsyncDisposable> => {
    const made = await createLibp2pNode({ seed: seedFrom(name), listen: ['/ip4/127.0.0.1/tcp/0'], announce: [], limits: { ...fullPeerLimits, ...patientLimits(20), pingMs: 5 }, isLeaf: true, rank: () => 0.5, admit: () => true });
    await made.start();
    return Object.assign(made, { [Symbol.asyncDispose]: () => stopLibp2p(made) });
  };
  await using there = await node('there');
  await using here = await node('here');
  const [[event], own] = (await Promise.all([once(there as unknown as EventTarget, 'connection:open'), here.dial(multiaddr(String(there.getMultiaddrs()[0])))])) as [[CustomEvent<Connection>], Connection];
  // The answer to a question sets it; nothing tells of that.
  for (const link of [own, event.detail]) while (link.rtt === undefined) await new Promise((resolve) => setImmediate(resolve));
  expect([own.rtt, event.detail.rtt]).toEqual([expect.any(Number), expect.any(Number)]);
});
