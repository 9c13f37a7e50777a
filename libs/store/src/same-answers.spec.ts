import { test, expect } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import { MemoryLogStore, type LogStore, type VerifiedRecord } from '@souk/domain';
import { author, LogWriter } from '@souk/testing';
import { codeOf, inFolder } from '@souk/testing/conformance';
import { openLogStore } from './index.ts';

/** Two branches of three logs and one publisher's logs: enough for gaps, repetitions, forks and subjects. */
function pool(): VerifiedRecord[] {
  const branches = ['ada', 'bob', 'cy'].flatMap((name) =>
    [1, 2].map((branch) => {
      const writer = new LogWriter(name);
      for (let seq = 0; seq < 5; seq += 1) writer.writeBytes('note', Uint8Array.of(0x82, seq, seq < 2 ? 0 : branch));
      return writer.records;
    }),
  );
  const dee = author('dee');
  for (const name of ['x', 'y']) for (const version of ['1.0.0', '1.1.0']) dee.releases(name, version);
  return [...branches.flat(), ...dee.records];
}

const records = pool();
const keys = [...new Set(records.map(({ key }) => key))];
type Step = { readonly append: number[] } | { readonly erase: number };

const step = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.nat(records.length - 1), fc.integer({ min: 1, max: 5 })).map(([from, length]): Step => ({ append: Array.from({ length }, (_, index) => (from + index) % records.length) })) },
  { weight: 3, arbitrary: fc.array(fc.nat(records.length - 1), { maxLength: 4 }).map((append): Step => ({ append })) },
  { weight: 1, arbitrary: fc.nat(records.length - 1).map((erase): Step => ({ erase })) },
);

function pick(index: number): VerifiedRecord {
  return records[index] as VerifiedRecord;
}

async function play(logs: LogStore, steps: readonly Step[]): Promise<unknown[]> {
  const outcomes: unknown[] = [];
  for (const one of steps) {
    if ('erase' in one) {
      await logs.eraseBody(pick(one.erase).key, pick(one.erase).fields.seq);
      continue;
    }
    outcomes.push(await logs.append(one.append.map(pick)).catch((error: unknown) => [codeOf(error), (error as { details?: unknown }).details]));
  }
  const all = 1000;
  outcomes.push(await logs.size(), await logs.heads(undefined, all), await logs.since(0, all), await logs.subjectsSince(1, all), await logs.forks(all), await logs.subjects('', undefined, all), await logs.about('package:x', 0, all));
  for (const key of keys) outcomes.push(await logs.head(key), await logs.read(key, 0, all), await logs.fork(key));
  return outcomes;
}

test('any sequence of appends and erasures gives the same answers from memory and from SQLite', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
      await inFolder(async (folder) => {
        const now = (): number => 1;
        const [memory, disk] = [new MemoryLogStore({ now }), await openLogStore(folder, { now })];
        expect(await play(disk, steps)).toEqual(await play(memory, steps));
        await disk.close();
      });
    }),
    { numRuns: 60 },
  );
});
