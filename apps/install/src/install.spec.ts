import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { fetchBlobs, installPackages, nearestNames, readCandidates, resolvePackages, type CandidatesDoc, type FetchProgress, type InstallEvent } from '@souk/contracts';
import { blobCid, sha256Of, SoukError, type PackageName, type Version } from '@souk/domain';
import { bootstrap, Handles, InProcessBroker, loadConfig, Rpc, silentLog, Streams, type CallContext, type RunningService } from '@souk/nest';
import { author } from '@souk/testing/builders';
import { installConfig, InstallModule } from './install.module.ts';

const ada = author('ada').id;
const eve = author('eve').id;
const published = new Map<string, CandidatesDoc>();
let rounds: string[][] = [];
let fit = 50;
let cancelled: (() => void) | undefined;

const cidOf = (name: string, version: string): ReturnType<typeof blobCid> => blobCid(sha256Of(new TextEncoder().encode(`${name}@${version}`)));

function publish(name: string, versions: Record<string, Record<string, string>>, changes: Partial<CandidatesDoc> = {}): void {
  const candidates = Object.entries(versions).map(([version, requirements]) => ({ version: version as Version, cid: cidOf(name, version), integrity: `sha512-${version}`, size: 3, requirements, yanked: false }));
  published.set(name, { name: name as PackageName, publisher: ada, claimants: [ada], tags: {}, candidates, ...changes });
}

@Controller()
class Neighbours {
  @Handles(readCandidates)
  candidates(input: { names: PackageName[] }): { packages: CandidatesDoc[]; later: PackageName[] } {
    rounds.push([...input.names]);
    return { packages: input.names.slice(0, fit).flatMap((name) => published.get(name) ?? []), later: input.names.slice(fit) };
  }

  @Handles(nearestNames)
  near(): { names: string[] } {
    return { names: ['kit'] };
  }

  @Streams(fetchBlobs)
  async *fetch(input: { blobs: { cid: FetchProgress['cid']; name: string }[] }, { signal }: CallContext): AsyncGenerator<FetchProgress> {
    for (const { cid, name } of input.blobs) {
      if (name === 'lost') throw new SoukError('NO_PROVIDER', 'Nobody who is reachable has lost@1.0.0.');
      const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      yield { cid, bytes: 1, total: 3, providers: 1, done: false };
      if (name === 'slow') await aborted.then(() => cancelled?.());
      yield { cid, bytes: 3, total: 3, providers: 1, done: true };
    }
  }
}

@Module({ controllers: [Neighbours] })
class NeighboursModule {}

let running: RunningService[] = [];
let rpc: Rpc;

beforeAll(async () => {
  const transport = { type: 'in-process' as const, broker: new InProcessBroker() };
  const neighbours = await bootstrap(NeighboursModule, { name: 'neighbours', transport, log: silentLog });
  const service = await bootstrap(InstallModule.with(loadConfig(installConfig, {})), { name: 'install', transport, log: silentLog });
  running = [service, neighbours];
  rpc = neighbours.app.get(Rpc);
});

beforeEach(() => {
  published.clear();
  rounds = [];
  fit = 50;
});

afterAll(async () => {
  for (const one of running) await one.close();
});

const resolved = async (dependencies: Record<string, string>, locked?: Record<string, Version>): Promise<Record<string, string>> =>
  Object.fromEntries((await rpc.call(resolvePackages, { dependencies, ...(locked ? { locked } : {}) })).packages.map((one) => [one.name, one.version]));

test('a graph is read breadth first, one round a level, and resolved', async () => {
  publish('kit', { '1.0.0': {}, '1.2.0': { left: '^1.0.0', right: '^1.0.0' } });
  publish('left', { '1.0.0': { deep: '~2.0.0' } });
  publish('right', { '1.5.0': { deep: '^2.0.0' } });
  publish('deep', { '2.0.1': {}, '2.1.0': {} });
  expect(await resolved({ kit: '^1.0.0' })).toEqual({ deep: '2.0.1', kit: '1.2.0', left: '1.0.0', right: '1.5.0' });
  expect(rounds).toEqual([['kit'], ['left', 'right'], ['deep']]);
});

test('an answer that does not hold all names is asked for the rest', async () => {
  for (const name of ['a', 'b', 'c']) publish(name, { '1.0.0': {} });
  fit = 1;
  expect(Object.keys(await resolved({ a: '*', b: '*', c: '*' }))).toEqual(['a', 'b', 'c']);
  expect(rounds).toEqual([['a', 'b', 'c'], ['b', 'c'], ['c']]);
});

test('a tag stands for its version; a lock is kept while it fits', async () => {
  publish('kit', { '1.0.0': {}, '2.0.0-rc.1': {}, '1.1.0': {} }, { tags: { next: '2.0.0-rc.1' as Version } });
  expect(await resolved({ kit: 'next' })).toEqual({ kit: '2.0.0-rc.1' });
  expect(await resolved({ kit: '^1.0.0' }, { kit: '1.0.0' as Version })).toEqual({ kit: '1.0.0' });
});

test('what is missing is named, with names that may have been meant', async () => {
  await expect(resolved({ kut: '*' })).rejects.toMatchObject({ code: 'PACKAGE_NOT_FOUND', hint: 'Did you mean kit?' });
});

test('a tag or version that there is not is answered with those that there are', async () => {
  publish('kit', { '2.0.0-rc.1': {}, '1.1.0': {}, '1.0.0': {} }, { tags: { latest: '1.1.0' as Version, next: '2.0.0-rc.1' as Version } });
  const there = { name: 'kit', versions: ['2.0.0-rc.1', '1.1.0', '1.0.0'], tags: { latest: '1.1.0', next: '2.0.0-rc.1' } };
  await expect(resolved({ kit: 'nxet' })).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND', hint: expect.stringMatching(/^Did you mean next\?.*Tags: latest \(1\.1\.0\), next/), details: { ...there, wanted: 'nxet', near: ['next'] } });
  await expect(resolved({ kit: 'constructor' })).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND', details: there });
  await expect(resolved({ kit: '1.0.9' })).rejects.toMatchObject({ code: 'UNSATISFIABLE', hint: expect.stringMatching(/^kit: There are 1\.0\.0, 1\.1\.0, 2\.0\.0-rc\.1\. Tags: latest/), details: { ...there, wanted: '1.0.9', near: ['1.0.0', '1.1.0', '2.0.0-rc.1'] } });
});

test('a conflict is explained, a wrong range refused', async () => {
  publish('kit', { '1.0.0': { deep: '^1.0.0' } });
  publish('deep', { '1.0.0': {}, '2.0.0': {} });
  await expect(resolved({ kit: '*', deep: '^2.0.0' })).rejects.toMatchObject({ code: 'UNSATISFIABLE', message: expect.stringContaining('deep') });
  await expect(resolved({ kit: 'not a range' })).rejects.toMatchObject({ code: 'BAD_RANGE' });
});

test('a name of two publishers and no decision is refused, asked for or required', async () => {
  publish('mine', { '1.0.0': {} }, { publisher: undefined, claimants: [ada, eve], candidates: [] });
  publish('kit', { '1.0.0': { mine: '*' } });
  await expect(resolved({ mine: '*' })).rejects.toMatchObject({ code: 'CONTESTED_NAME', details: { claimants: [ada, eve] } });
  await expect(resolved({ kit: '*' })).rejects.toMatchObject({ code: 'CONTESTED_NAME' });
});

async function told(dependencies: Record<string, string>): Promise<InstallEvent[]> {
  const events: InstallEvent[] = [];
  for await (const one of rpc.stream(installPackages, { dependencies })) events.push(one);
  return events;
}

test('an install tells its plan, the progress of each blob, and its end', async () => {
  publish('kit', { '1.0.0': { deep: '*' } });
  publish('deep', { '1.0.0': {} });
  const events = await told({ kit: '*' });
  expect(events.map((one) => one.type)).toEqual(['plan', 'progress', 'progress', 'progress', 'progress', 'done']);
  expect(events[0]).toMatchObject({ packages: [{ name: 'deep' }, { name: 'kit', publisher: ada, requires: { deep: '*' } }] });
  expect(events.at(-1)).toMatchObject({ packages: 2, bytes: 6 });
});

test('nothing to install is done at once; what nobody has fails as the peer said', async () => {
  expect((await told({})).map((one) => one.type)).toEqual(['plan', 'done']);
  publish('lost', { '1.0.0': {} });
  await expect(told({ lost: '*' })).rejects.toMatchObject({ code: 'NO_PROVIDER' });
});

test('whoever stops listening stops the fetch', async () => {
  publish('slow', { '1.0.0': {} });
  const stopped = new Promise<void>((resolve) => (cancelled = resolve));
  for await (const one of rpc.stream(installPackages, { dependencies: { slow: '*' } })) if (one.type === 'progress') break;
  await stopped;
});
