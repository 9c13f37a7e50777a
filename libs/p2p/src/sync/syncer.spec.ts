import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { SyncFrame } from '@souk/contracts';
import { InlineRecordVerifier, MemoryLogStore, SoukError } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import { fullPeerLimits, type PeerLimits } from '../node/peer-limits.ts';
import { ChargedIntake } from './charged-intake.ts';
import { HeldHeads } from './held-heads.ts';
import { RecordIntake } from './record-intake.ts';
import { Syncer } from './syncer.ts';

const ignore = (): void => undefined;
const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** A syncer with one peer, whose first stream breaks when the test says so and whose later ones find that nothing differs. */
class Scene {
  readonly syncer: Syncer;
  readonly opened = Promise.withResolvers<void>();
  readonly broken = Promise.withResolvers<SyncFrame>();
  readonly aborted = Promise.withResolvers<void>();
  #streams = 0;
  #atOnce = 0;
  mostAtOnce = 0;

  constructor() {
    const logs = new MemoryLogStore({ now: () => 0 });
    const intake = new ChargedIntake({ logs, intake: new RecordIntake({ logs }, { records: ignore, forks: ignore }), now: () => 0, log, deferred: ignore });
    this.syncer = new Syncer({ logs, heads: new HeldHeads(logs), verifier: new InlineRecordVerifier(nextTurn), intake, limits: fullPeerLimits, log, blame: ignore, linked: () => [], spreading: { isPushedTo: () => false, isGossipedTo: () => false, isGossiped: () => false }, open: () => this.#open() });
  }

  async #open(): Promise<Channel<SyncFrame>> {
    const isFirst = this.#streams === 0;
    this.#streams += 1;
    this.#atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
    const end = (): void => void (this.#atOnce -= 1);
    const answer = isFirst ? () => this.broken.promise : async (): Promise<SyncFrame> => (await nextTurn(), { t: 'same' });
    const abort = (): void => (end(), this.aborted.resolve());
    this.opened.resolve();
    return { send: () => Promise.resolve(), answer, close: async () => end(), abort } as unknown as Channel<SyncFrame>;
  }
}

test('one exchange per peer at a time, whenever a link goes and comes back while another exchange is waited for', async () => {
  for (let steps = 0; steps < 40; steps += 1) {
    const scene = new Scene();
    const { syncer } = scene;
    const asked = [syncer.sync('peer')];
    await scene.opened.promise;
    await nextTurn();
    asked.push(syncer.sync('peer'));
    const ends = Promise.allSettled(asked);
    scene.broken.reject(new SoukError('PEER_UNREACHABLE', 'The link is gone.'));
    await scene.aborted.promise;
    for (let step = 0; step < steps; step += 1) await Promise.resolve();
    syncer.forget('peer');
    await syncer.sync('peer');
    expect((await ends).map((end) => end.status)).toEqual(['rejected', 'fulfilled']);
    expect(scene.mostAtOnce).toBe(1);
    await syncer.stop();
  }
});

/** A syncer whose linked peers answer as they are told: at once that nothing differs, with an error, or never. */
class Crowd {
  readonly syncer: Syncer;
  readonly opened: string[] = [];
  readonly ways = new Map<string, 'well' | 'never' | 'badly'>();

  constructor(limits: Partial<PeerLimits> = {}) {
    const logs = new MemoryLogStore({ now: () => 0 });
    const intake = new ChargedIntake({ logs, intake: new RecordIntake({ logs }, { records: ignore, forks: ignore }), now: () => 0, log, deferred: ignore });
    this.syncer = new Syncer({ logs, heads: new HeldHeads(logs), verifier: new InlineRecordVerifier(nextTurn), intake, limits: { ...fullPeerLimits, syncMs: 3_600_000, ...limits }, log, blame: ignore, linked: () => [...this.ways.keys()], spreading: { isPushedTo: () => false, isGossipedTo: () => false, isGossiped: () => false }, open: (peer) => this.#open(peer) });
  }

  async #open(peer: string): Promise<Channel<SyncFrame>> {
    this.opened.push(peer);
    const answer = async ({ signal }: { signal: AbortSignal }): Promise<SyncFrame> => {
      const way = this.ways.get(peer);
      if (way === 'badly') throw new SoukError('BAD_FRAME', 'Nonsense.');
      if (way === 'never') await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
      return { t: 'same' };
    };
    return { send: () => Promise.resolve(), answer, close: () => Promise.resolve(), abort: ignore } as unknown as Channel<SyncFrame>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.syncer.stop();
  }
}

test('peers that bring nothing lose their places when somebody waits, so that the honest one behind ten of them has its turn', async () => {
  await using crowd = new Crowd({ syncIdleMs: 5 });
  for (let slow = 0; slow < 10; slow += 1) {
    crowd.ways.set(`slow ${slow}`, 'never');
    crowd.syncer.request(`slow ${slow}`);
  }
  crowd.ways.set('honest', 'well');
  expect(await crowd.syncer.sync('honest')).toMatchObject({ same: true });
});

test('whoever answered well before does not wait for those who never did', async () => {
  await using crowd = new Crowd({ syncIdleMs: 3_600_000 });
  crowd.ways.set('honest', 'well');
  await crowd.syncer.sync('honest');
  for (let slow = 0; slow < 10; slow += 1) {
    crowd.ways.set(`slow ${slow}`, 'never');
    crowd.syncer.request(`slow ${slow}`);
  }
  expect(await crowd.syncer.sync('honest')).toMatchObject({ same: true });
  crowd.ways.set('newcomer', 'well');
  const waits = crowd.syncer.sync('newcomer').then(() => 'had its turn', () => 'was stopped');
  await crowd.syncer.stop();
  expect(await waits).toBe('was stopped');
});

test('a peer that answers nonsense and greets again and again is left alone for a while, but whoever asks for it by name asks it', async () => {
  await using crowd = new Crowd();
  crowd.ways.set('babbler', 'badly');
  for (let greeting = 0; greeting < 50; greeting += 1) {
    await crowd.syncer.greeted('babbler', `another root ${greeting}`);
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
  }
  expect(crowd.opened).toEqual(['babbler']);
  await expect(crowd.syncer.sync('babbler')).rejects.toMatchObject({ code: 'BAD_FRAME' });
  expect(crowd.opened).toHaveLength(2);
});
