import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { SyncFrame } from '@souk/contracts';
import { InlineRecordVerifier, MemoryLogStore, SoukError } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import { fullPeerLimits } from '../node/peer-limits.ts';
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
    this.syncer = new Syncer({ logs, heads: new HeldHeads(logs), verifier: new InlineRecordVerifier(nextTurn), intake, limits: fullPeerLimits, log, blame: ignore, linked: () => [], isPushedTo: () => false, open: () => this.#open() });
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
