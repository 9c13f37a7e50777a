import { expect, jest, test } from '@jest/globals';
import { plantedScenario, StillClock } from '../testing/planted-scenario.ts';
import type { Bench } from './bench.ts';
import { runScenario } from './run-scenario.ts';

const bench = (changes: Partial<Bench> = {}): Bench => ({ quick: false, scratch: '', signal: new AbortController().signal, say: () => {}, atEnd: () => {}, ...changes });

test('records the iterations after the warm-up, and beside them the baseline, its name and the ratio', async () => {
  const clock = new StillClock();
  const scenario = plantedScenario({
    goal: 20,
    target: 100,
    repetitions: { recorded: 20, warmUp: 3 },
    before: async () => clock.pass(1000),
    run: async (iteration) => clock.pass(iteration < 3 ? 5000 : 16),
    after: async () => clock.pass(1000),
    baseline: async () => clock.pass(4),
    notes: () => ['a corpus'],
  });
  const result = await runScenario(scenario, bench(), { clock: clock.read });
  const about = (ms: number): unknown => expect.closeTo(ms, 1);
  expect(result).toEqual({
    name: 'planted/one', unit: 'ms', n: 20, p50: about(16), p95: about(16), p99: about(16),
    baseline: { name: 'nothing else', p50: about(4) }, ratio: about(4), target: 100, goal: 20, verdict: 'goal', notes: ['a corpus'],
  });
});

test('every iteration has its own number, and the baseline takes turns with it', async () => {
  const steps: string[] = [];
  const step = (what: string) => async (iteration: number) => void steps.push(`${what} ${iteration}`);
  await runScenario(plantedScenario({ repetitions: { recorded: 1, warmUp: 1 }, before: step('before'), run: step('run'), after: step('after'), baseline: step('baseline'), warmedUp: () => void steps.push('warmed up') }), bench());
  expect(steps).toEqual(['before 0', 'run 0', 'after 0', 'baseline 0', 'warmed up', 'before 1', 'run 1', 'after 1', 'baseline 1']);
});

test('an iteration that has many times is told by each of them', async () => {
  const result = await runScenario(plantedScenario({ repetitions: { recorded: 10, warmUp: 1 }, run: async (iteration) => (iteration === 0 ? [9e9] : [1e6, 2e6, 3e6]) }), bench());
  expect(result).toMatchObject({ n: 30, p50: expect.closeTo(2, 1), p99: expect.closeTo(3, 1) });
});

test('a quick run has the quick repetitions', async () => {
  expect(await runScenario(plantedScenario({ quick: { recorded: 5, warmUp: 1 } }), bench({ quick: true }))).toMatchObject({ n: 5 });
});

test('a miss is a result, no failure', async () => {
  const clock = new StillClock();
  expect(await runScenario(plantedScenario({ goal: 1, run: async () => clock.pass(2) }), bench(), { clock: clock.read })).toMatchObject({ verdict: 'miss', n: 20 });
});

test.each(['before', 'run', 'after', 'baseline'] as const)('a scenario whose %s throws is failed, says why and is torn down once', async (part) => {
  const teardown = jest.fn(async () => {});
  const broken = async (): Promise<void> => {
    throw new Error('it broke', { cause: new Error('deep down') });
  };
  const result = await runScenario(plantedScenario({ goal: 1, [part]: broken, teardown }), bench());
  expect(result).toEqual({ name: 'planted/one', unit: 'ms', goal: 1, verdict: 'failed', error: 'it broke (deep down)', notes: [] });
  expect(teardown).toHaveBeenCalledTimes(1);
});

test('a scenario that can not be set up, or not torn down, is failed', async () => {
  const setup = async (): Promise<void> => Promise.reject(new Error('no site'));
  expect(await runScenario(plantedScenario({ setup }), bench())).toMatchObject({ verdict: 'failed', error: 'no site' });
  const teardown = async (): Promise<void> => Promise.reject(new Error('still running'));
  expect(await runScenario(plantedScenario({ teardown }), bench())).toMatchObject({ verdict: 'failed', error: 'still running' });
});

test('an iteration that hangs is failed and torn down', async () => {
  const teardown = jest.fn(async () => {});
  const result = await runScenario(plantedScenario({ run: () => new Promise(() => {}), teardown }), bench(), { stepMs: 1 });
  expect(result).toMatchObject({ verdict: 'failed', error: 'iteration 0 took longer than 0.001 s' });
  expect(teardown).toHaveBeenCalledTimes(1);
});

test('an interrupt ends the iteration that runs, and the scenario is torn down', async () => {
  const stop = new AbortController();
  const teardown = jest.fn(async () => {});
  const run = (): Promise<void> => {
    stop.abort();
    return new Promise(() => {});
  };
  expect(await runScenario(plantedScenario({ run, teardown }), bench({ signal: stop.signal }))).toMatchObject({ verdict: 'failed', error: 'interrupted' });
  expect(teardown).toHaveBeenCalledTimes(1);
});
