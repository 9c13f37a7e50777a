import { expect, test } from '@jest/globals';
import { Catalogue, MemoryKeyStore, MemoryLogStore, MemorySummaryStore, sitePolicy, SoukError, type PackageName, type SiteIntent, type SummaryStep, type VerifiedRecord } from '@souk/domain';
import { silentLog } from '@souk/nest';
import { author, type Author } from '@souk/testing';
import { fc } from '@souk/testing/properties';
import { SiteLog } from '../site-log/site-log.ts';
import { CatalogueReader } from '../testing/catalogue-reader.ts';
import { KeptChanges } from './kept-changes.ts';
import { packageSummary } from './package-summary.ts';
import { policyChangesAfter } from './policy-changes.ts';

/** Summaries whose next steps can be lost, as by a crash between a record and what is kept of it. */
class LosingStore extends MemorySummaryStore {
  losing = 0;
  failure: SoukError | undefined;

  override async advance(step: SummaryStep): Promise<boolean> {
    if (this.failure) throw this.failure;
    if (this.losing > 0) return (this.losing -= 1) < 0;
    return super.advance(step);
  }

  override async mark(): Promise<string | undefined> {
    if (this.failure?.code === 'STORAGE_CORRUPT') throw this.failure;
    return super.mark();
  }
}

/** A peer's logs and site log in memory, with what is kept beside them, and a count of the packages that were folded. */
class Scene {
  readonly #time = { now: 0 };
  readonly logs = new MemoryLogStore({ now: () => (this.#time.now += 1) });
  readonly summaries = new LosingStore();
  readonly siteLog: SiteLog;
  readonly #policy: ReturnType<typeof sitePolicy>;
  kept: KeptChanges;
  folds = 0;

  private constructor(siteLog: SiteLog) {
    this.siteLog = siteLog;
    this.#policy = sitePolicy(siteLog, () => this.#time.now);
    const about = this.logs.about.bind(this.logs);
    this.logs.about = (subject, ...rest) => {
      if (subject.startsWith('package:')) this.folds += 1;
      return about(subject, ...rest);
    };
    this.kept = this.restarted();
  }

  static async make(): Promise<Scene> {
    return new Scene(await SiteLog.open({ store: new MemoryLogStore({ now: () => 0 }), keys: new MemoryKeyStore(), isWriter: true, now: () => 0 }));
  }

  /** What a process that starts anew has: the stores, and nothing else. */
  restarted(): KeptChanges {
    this.kept = new KeptChanges({ logs: this.logs, siteLog: this.siteLog, policy: this.#policy, summaries: this.summaries, log: silentLog });
    return this.kept;
  }

  reader(): CatalogueReader {
    const catalogue = new Catalogue(this.logs, this.#policy);
    return new CatalogueReader({ after: (cursor, limit) => this.kept.after(cursor, limit), decidedAfter: (cursor, limit) => policyChangesAfter({ siteLog: this.siteLog, logs: this.logs, catalogue }, cursor, limit) });
  }

  /** The packages as a reader along the records alone is told them. */
  async told(): Promise<CatalogueReader['packages']> {
    const reader = new CatalogueReader({ after: (cursor, limit) => this.kept.after(cursor, limit), decidedAfter: async () => ({ packages: [], gone: [], next: 0, caughtUp: true }) });
    return (await reader.catchUp(2)).packages;
  }

  /** The packages as the logs alone have them. */
  async folded(): Promise<Map<string, unknown>> {
    const catalogue = new Catalogue(this.logs, this.#policy);
    const all = new Map<string, unknown>();
    for (const name of await catalogue.names(undefined, 1000)) {
      const summary = packageSummary(await catalogue.package(name));
      if (summary) all.set(name, summary);
    }
    return all;
  }

  async decide(intent: SiteIntent): Promise<void> {
    await this.siteLog.append(intent).catch((error: unknown) => {
      if (!(error instanceof SoukError)) throw error;
    });
    const { subject } = intent.body as { subject?: { type: string; key?: never; seq?: number } };
    if (subject?.type === 'record') await this.logs.eraseBody(subject.key as never, subject.seq as number);
  }
}

const other = new TextEncoder().encode('other bytes');

/** Two publishers who disagree about a name, one of them with a forked and revoked device: each log's records, in its order. */
function histories(): { readonly logs: readonly (readonly VerifiedRecord[])[]; readonly branch: readonly VerifiedRecord[]; readonly ada: Author; readonly eve: Author } {
  const [ada, twin, eve] = [author('ada'), author('ada'), author('eve')];
  for (const one of [ada, twin]) {
    one.releases('kit', '1.0.0', { keywords: ['old'] });
    one.releases('mitt', '1.0.0');
    one.releases('kit', '1.1.0');
  }
  ada.releases('kit', '1.1.0', { blob: other });
  ada.device.write('retract', { name: 'mitt', version: '1.0.0', how: 'yank', reason: 'broken' });
  ada.releases('@team/web', '2.0.0');
  ada.device.write('retract', { name: 'mitt', version: '1.0.0', how: 'undo', reason: '' });
  ada.device.write('tag', { name: 'kit', tag: 'latest', version: '1.0.0' });
  const branch = [twin.releases('kit', '9.0.0'), twin.releases('lib', '9.0.0')];
  ada.root.clock = ada.device.clock;
  ada.root.write('revoke', { key: ada.device.key, lastSeq: 5, lastHash: (branch[1] as VerifiedRecord).hash });
  eve.releases('kit', '0.1.0');
  eve.releases('web', '1.0.0');
  eve.device.write('retract', { name: 'web', version: '1.0.0', how: 'deprecate', reason: 'old' });
  return { logs: [ada.root, ada.device, eve.root, eve.device].map(({ records }) => [...records]), branch, ada, eve };
}

const { logs: written, branch, ada, eve } = histories();
const named = (name: string): PackageName => name as PackageName;
const decisions: readonly SiteIntent[] = [
  { kind: 'bind', body: { names: [named('kit')], publisher: eve.id, by: 'policy' } },
  { kind: 'unbind', body: { name: named('kit') } },
  { kind: 'ban', body: { subject: { type: 'publisher', id: eve.id }, reason: '' } },
  { kind: 'unban', body: { subject: { type: 'publisher', id: eve.id } } },
  { kind: 'ban', body: { subject: { type: 'key', id: ada.device.key }, reason: '' } },
  { kind: 'unban', body: { subject: { type: 'key', id: ada.device.key } } },
  { kind: 'takedown', body: { subject: { type: 'version', name: named('kit'), version: '1.1.0' as never, cids: [] }, reason: '' } },
  { kind: 'takedown', body: { subject: { type: 'record', key: ada.device.key, seq: 6, names: [named('@team/web')] }, reason: '' } },
];

type Step = { readonly do: 'append' | 'decide' | 'read' | 'begin' | 'lose' | 'restart' | 'clear' | 'fill' | 'catch up' | 'together'; readonly which: number };
const step = (most: number, ...kinds: Step['do'][]): fc.Arbitrary<Step> => fc.record({ do: fc.constantFrom(...kinds), which: fc.nat(most) });
const steps = fc.array(fc.oneof({ weight: 5, arbitrary: step(3, 'append') }, { weight: 2, arbitrary: step(7, 'decide') }, { weight: 5, arbitrary: step(5, 'read') }, { weight: 3, arbitrary: step(3, 'begin', 'lose', 'restart', 'clear', 'fill', 'catch up') }, { weight: 3, arbitrary: step(7, 'together') }), { maxLength: 60 });

/** Plays one step; readers are there from their beginning on. */
async function play(scene: Scene, readers: CatalogueReader[], read: number[], { do: what, which }: Step): Promise<void> {
  if (what === 'append') {
    const log = written[which] as readonly VerifiedRecord[];
    const from = read[which] as number;
    read[which] = Math.min(from + 2, log.length);
    await scene.logs.append(log.slice(from, from + 2));
  } else if (what === 'decide') await scene.decide(decisions[which] as SiteIntent);
  else if (what === 'read') await readers[which % readers.length]?.page(1 + (which % 3));
  else if (what === 'begin') readers.push(scene.reader());
  else if (what === 'lose') scene.summaries.losing += 1;
  else if (what === 'restart') scene.restarted();
  else if (what === 'clear') await scene.summaries.clear();
  else if (what === 'fill') scene.summaries.failure = scene.summaries.failure ? undefined : new SoukError(which % 2 ? 'STORAGE_FULL' : 'STORAGE_CORRUPT', 'as the disk says');
  else if (what === 'catch up') await scene.kept.catchUp(new AbortController().signal);
  else {
    const others: Step[] = [{ do: 'append', which: which % 4 }, { do: 'decide', which }, { do: 'catch up', which }];
    await Promise.all([...readers.map((reader) => reader.page(1 + (which % 3))), ...others.map((one) => play(scene, [], read, one))]);
  }
}

test('whatever arrives, is decided, lost or damaged in between: who follows and who begins anew end with the catalogue as the logs have it', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const scene = await Scene.make();
      const readers = [scene.reader()];
      const read = written.map(() => 0);
      for (const one of history) await play(scene, readers, read, one);
      scene.summaries.failure = undefined;
      const folded = await scene.folded();
      for (const reader of [...readers, scene.reader(), scene.reader()]) expect((await reader.catchUp(2)).packages).toEqual(folded);
      await scene.kept.catchUp(new AbortController().signal);
      expect(await scene.told()).toEqual(folded);
    }),
    { numRuns: 300 },
  );
});

/** All records of all logs, and a reader that has followed them. */
async function followed(): Promise<Scene> {
  const scene = await Scene.make();
  await scene.logs.append(written.flat());
  await scene.reader().catchUp(100);
  return scene;
}

test('who begins anew waits for no fold, also after a restart', async () => {
  const scene = await followed();
  const folded = await scene.folded();
  scene.restarted();
  scene.folds = 0;
  expect((await scene.reader().catchUp(2)).packages).toEqual(folded);
  expect(scene.folds).toBe(0);
});

test('of what came while nobody read, only what it touched is folded', async () => {
  const scene = await followed();
  const bob = author('bob');
  bob.releases('solo', '1.0.0');
  await scene.logs.append([...bob.records]);
  scene.restarted();
  scene.folds = 0;
  const { packages } = await scene.reader().catchUp(2);
  expect([packages.has('solo'), scene.folds]).toEqual([true, 1]);
  expect(packages).toEqual(await scene.folded());
});

test('a package that is touched while a reader goes through what is kept is told once more, as it is then', async () => {
  const scene = await followed();
  const reader = scene.reader();
  await reader.page(1);
  const bob = author('bob');
  bob.releases('solo', '1.0.0');
  await scene.logs.append([...bob.records]);
  await scene.decide(decisions[2] as SiteIntent);
  expect((await reader.catchUp(1)).packages).toEqual(await scene.folded());
});

test('a fork that shows later which records of a revoked key count changes what is kept', async () => {
  const scene = await followed();
  const before = await scene.folded();
  await scene.logs.append(branch);
  const after = await scene.folded();
  expect(after).not.toEqual(before);
  expect(await scene.told()).toEqual(after);
});

test('a record of a root that is taken down, and can tell nobody of its keys any more, changes the packages of all of them', async () => {
  const scene = await followed();
  expect((await scene.folded()).has('web')).toBe(true);
  await scene.decide({ kind: 'takedown', body: { subject: { type: 'record', key: eve.id, seq: 1 }, reason: '' } });
  expect((await scene.folded()).has('web')).toBe(false);
  expect(await scene.told()).toEqual(await scene.folded());
});

test('what is kept of other logs, or by other rules, counts for nothing', async () => {
  const [scene, elsewhere] = [await followed(), await Scene.make()];
  await elsewhere.logs.append(eve.records);
  const copy = new MemorySummaryStore();
  await copy.advance({ before: undefined, after: (await scene.summaries.mark()) as string, put: await scene.summaries.from(0, 0, 100), again: [] });
  Object.assign(elsewhere.summaries, { mark: () => copy.mark(), from: copy.from.bind(copy), advance: copy.advance.bind(copy), clear: () => copy.clear() });
  expect((await elsewhere.reader().catchUp(5)).packages).toEqual(await elsewhere.folded());
  const mark = JSON.parse((await scene.summaries.mark()) as string) as object;
  await scene.summaries.advance({ before: await scene.summaries.mark(), after: JSON.stringify({ ...mark, rules: 'of another version' }), put: [{ name: 'never-published', arrival: 1, nth: 0, text: '{}' }], again: [] });
  expect((await scene.reader().catchUp(5)).packages).toEqual(await scene.folded());
});

test('nothing is kept of a fold that may not know what the site has decided already', async () => {
  const scene = await followed();
  await scene.decide(decisions[2] as SiteIntent);
  expect(await scene.kept.level()).toBe(true);
  const mark = await scene.summaries.mark();
  // Another thread that has not read so far in the site log.
  const behind = new KeptChanges({ logs: scene.logs, siteLog: { length: 0, records: scene.siteLog.records.bind(scene.siteLog) }, policy: sitePolicy({ state: (await Scene.make()).siteLog.state }, () => 0), summaries: scene.summaries, log: silentLog });
  await scene.logs.append([eve.releases('fresh', '1.0.0')]);
  await behind.after((JSON.parse(mark as string) as { changes: number }).changes, 10);
  await behind.catchUp(new AbortController().signal);
  expect(await scene.summaries.mark()).toBe(mark);
  expect(await scene.told()).toEqual(await scene.folded());
});

test('a package that one page touches twice is kept at the second place, for a reader that stands between them', async () => {
  const scene = await Scene.make();
  const bob = author('bob');
  bob.releases('solo', '1.0.0');
  await scene.logs.append([...bob.device.records, ...bob.root.records]);
  const reader = scene.reader();
  scene.summaries.failure = new SoukError('STORAGE_FULL', 'as the disk says');
  await reader.catchUp(10);
  scene.summaries.failure = undefined;
  await scene.logs.append([bob.releases('solo', '1.1.0')]);
  await scene.kept.catchUp(new AbortController().signal);
  expect((await reader.catchUp(10)).packages.get('solo')).toMatchObject({ version: '1.1.0' });
});

test('a fold that was begun before a decision, and ends after it, is not kept', async () => {
  const scene = await followed();
  const bob = author('bob');
  bob.releases('solo', '1.0.0');
  await scene.logs.append([...bob.records]);
  const { changes } = JSON.parse((await scene.summaries.mark()) as string) as { changes: number };
  const [begun, goOn, size] = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), scene.logs.size.bind(scene.logs)];
  // Its mark is read, and it has folded nothing yet.
  scene.logs.size = async () => {
    begun.resolve();
    await goOn.promise;
    return size();
  };
  const slow = scene.kept.after(changes, 10);
  await begun.promise;
  scene.logs.size = size;
  await scene.decide(decisions[2] as SiteIntent);
  expect(await scene.kept.level()).toBe(true);
  const decided = await scene.summaries.mark();
  goOn.resolve();
  expect((await slow).packages).toHaveLength(1);
  expect(await scene.summaries.mark()).toBe(decided);
  expect(await scene.told()).toEqual(await scene.folded());
});

test('a decision about a scope changes all packages of it, however many', async () => {
  const scene = await Scene.make();
  const bob = author('bob');
  for (let index = 0; index < 1100; index += 1) bob.releases(`@many/p-${index}`, '1.0.0');
  await scene.logs.append([...bob.records]);
  expect((await scene.reader().catchUp(500)).packages.size).toBe(1100);
  await scene.decide({ kind: 'bind', body: { names: ['@many/*' as PackageName], publisher: eve.id, by: 'policy' } });
  expect((await scene.told()).size).toBe(0);
});
