import { expect, test } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { observed, readObservations, readScores, scoresChanged } from '@souk/contracts';
import { blobCid, sha256Of, type Outcome, type StoredObservation } from '@souk/domain';
import { bootstrap, Handles, InProcessBroker, Listens, loadConfig, Rpc, silentLog } from '@souk/nest';
import { reputationConfig, ReputationModule } from './reputation.module.ts';

const cid = blobCid(sha256Of(Uint8Array.of(1)));
const seen: StoredObservation[] = [];
let told: ((scores: Record<string, number>) => void) | undefined;

function see(peer: string, outcome: Outcome): void {
  seen.push({ id: seen.length + 1, peer, cid, outcome, bytes: 10, ms: 1, at: Date.now() });
}

@Controller()
class Peer {
  @Handles(readObservations)
  observations(input: { after: number; limit: number }): { observations: StoredObservation[] } {
    return { observations: seen.filter((one) => one.id > input.after).slice(0, input.limit) };
  }

  @Listens(scoresChanged)
  scores(event: { scores: Record<string, number> }): void {
    told?.(event.scores);
  }
}

@Module({ controllers: [Peer] })
class PeerModule {}

test('observations become scores, which the peer is told and everyone may read', async () => {
  const transport = { type: 'in-process' as const, broker: new InProcessBroker() };
  const peer = await bootstrap(PeerModule, { name: 'peer', transport, log: silentLog });
  for (const outcome of ['ok', 'ok', 'ok'] as const) see('good', outcome);
  see('liar', 'corrupt');
  const first = new Promise<Record<string, number>>((resolve) => (told = resolve));
  const service = await bootstrap(ReputationModule.with(loadConfig(reputationConfig, {})), { name: 'reputation', transport, log: silentLog });
  const scores = await first;
  expect(scores['good']).toBeCloseTo(0.8, 3);
  expect(scores['liar']).toBeLessThan(0.06);
  const second = new Promise<Record<string, number>>((resolve) => (told = resolve));
  see('good', 'timeout');
  await peer.app.get(Rpc).emit(observed, { ordinal: 0, id: seen.length });
  expect(Object.keys(await second)).toEqual(['good']);
  const { peers } = await service.app.get(Rpc).call(readScores, { limit: 10 });
  expect(peers.map((one) => one.peer)).toEqual(['good', 'liar']);
  expect(peers[1]?.evidence).toMatchObject({ corrupt: expect.closeTo(1, 3), ok: 0 });
  await service.close();
  await peer.close();
});
