import { expect, test } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { headMoved, readChanges, readPolicyChanges, searchPackages, siteMoved, type PackageSummary } from '@souk/contracts';
import { SoukError, type PackageName } from '@souk/domain';
import { bootstrap, Handles, InProcessBroker, loadConfig, Readiness, Rpc, silentLog } from '@souk/nest';
import { author } from '@souk/testing/builders';
import type { z } from 'zod';
import { searchConfig, SearchModule } from './search.module.ts';

const summary = (name: string): PackageSummary => ({ name, version: '1.0.0', kind: 'package', description: '', keywords: [], publisher: author('ada').id, updatedAt: '2026-01-01', versions: 1, stars: 0, downloads: 0 }) as unknown as PackageSummary;
const catalogue: PackageSummary[] = [];
const asked: number[] = [];
/** Names that a decision of the site made unfindable. */
const decided: PackageName[] = [];
let failures = 0;
let answered: (() => void) | undefined;

@Controller()
class Peer {
  @Handles(readPolicyChanges)
  policyChanges({ after }: { after: number }): z.infer<typeof readPolicyChanges.output> {
    const gone = after < decided.length ? decided.slice(after) : [];
    return { packages: [], gone, next: decided.length, caughtUp: true };
  }

  @Handles(readChanges)
  changes(input: { after: number; limit: number }): z.infer<typeof readChanges.output> {
    asked.push(input.after);
    if (failures-- > 0) throw new SoukError('UNAVAILABLE', 'The peer is not up yet.');
    const packages = catalogue.slice(input.after, input.after + 2);
    const next = input.after + packages.length;
    if (next === catalogue.length) setImmediate(() => answered?.());
    return { packages, gone: [], next, caughtUp: next === catalogue.length };
  }
}

@Module({ controllers: [Peer] })
class PeerModule {}

test('the index follows the catalogue: page by page, through failures, and again when the head moves', async () => {
  const transport = { type: 'in-process' as const, broker: new InProcessBroker() };
  const peer = await bootstrap(PeerModule, { name: 'peer', transport, log: silentLog });
  catalogue.push(...['a', 'b', 'c', 'd', 'e'].map(summary));
  failures = 2;
  const caughtUp = new Promise<void>((resolve) => (answered = resolve));
  const search = await bootstrap(SearchModule.with(loadConfig(searchConfig, {})), { name: 'search', transport, log: silentLog });
  const rpc = search.app.get(Rpc);
  const names = async (): Promise<string[]> => (await rpc.call(searchPackages, { q: '', sort: 'name', limit: 100, offset: 0 })).items.map((one) => one.name);
  expect(await rpc.call(searchPackages, { q: '', sort: 'name', limit: 100, offset: 0 })).toMatchObject({ partial: true });
  await caughtUp;
  while (search.app.get(Readiness).unmet().length > 0) await new Promise((resolve) => setImmediate(resolve));
  expect(await names()).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(await rpc.call(searchPackages, { q: '', sort: 'name', limit: 100, offset: 0 })).not.toHaveProperty('partial');
  expect(asked).toEqual([0, 0, 0, 2, 4]);
  const again = new Promise<void>((resolve) => (answered = resolve));
  catalogue.push(summary('f'));
  await peer.app.get(Rpc).emit(headMoved, { ordinal: 0, arrival: 6 });
  await again;
  while (!(await names()).includes('f')) await new Promise((resolve) => setImmediate(resolve));
  expect(asked.slice(5)).toEqual([5]);
  decided.push('b' as PackageName);
  await peer.app.get(Rpc).emit(siteMoved, { ordinal: 0, length: 1 });
  while ((await names()).includes('b')) await new Promise((resolve) => setImmediate(resolve));
  await search.close();
  await peer.close();
});
