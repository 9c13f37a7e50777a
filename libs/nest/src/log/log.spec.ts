import { expect, test } from '@jest/globals';
import { SoukError } from '@souk/domain';
import { newTrace, withinTrace } from '../trace/trace.ts';
import { createLog, silentLog, type Log, type LogLevel } from './log.ts';
import { NestLog } from './nest-log.ts';

function captured(level: LogLevel = 'info'): { log: Log; lines: () => Record<string, unknown>[] } {
  const written: string[] = [];
  return {
    log: createLog({ level, destination: { write: (line) => void written.push(line) } }),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

test('one JSON line per event, with time, level, message and facts', () => {
  const { log, lines } = captured();
  log.with({ service: 'search' }).info('started', { url: 'http://x' });
  expect(lines()).toEqual([{ level: 'info', time: expect.stringMatching(/^\d{4}-.*Z$/), service: 'search', url: 'http://x', msg: 'started' }]);
});

test('only what is urgent enough is written', () => {
  const { log, lines } = captured('warn');
  log.debug('a');
  log.info('b');
  log.warn('c');
  log.error('d');
  expect(lines().map(({ msg }) => msg)).toEqual(['c', 'd']);
  expect(() => silentLog.error('nothing')).not.toThrow();
});

test('secrets are not written', () => {
  const { log, lines } = captured();
  log.info('x', { token: 'hunter2', headers: { authorization: 'hunter2', cookie: 'hunter2' }, networkKey: 'hunter2', peer: { privateKey: 'hunter2' } });
  expect(JSON.stringify(lines())).not.toContain('hunter2');
});

test('an error is written with its stack and causes', () => {
  const { log, lines } = captured();
  log.error('failed', { error: new Error('outer', { cause: new TypeError('inner') }) });
  expect(lines()[0]).toMatchObject({ error: { message: 'outer', stack: expect.stringContaining('log.spec'), cause: { message: 'inner', type: 'TypeError' } } });
});

test('a line names the trace that it was written in', () => {
  const { log, lines } = captured();
  const trace = newTrace();
  withinTrace(trace, () => log.info('within'));
  log.info('without');
  expect(lines()[0]).toMatchObject({ traceId: trace.traceId, spanId: trace.spanId });
  expect(lines()[1]).not.toHaveProperty('traceId');
});

test("of Nest's own messages warnings and errors are written", () => {
  const { log, lines } = captured('debug');
  const nest = new NestLog(log);
  nest.log();
  nest.debug();
  nest.verbose();
  nest.warn('careful', 'Injector');
  nest.error(new SoukError('STORAGE_LOCKED', 'said by whoever started'));
  nest.error(new Error('broken'));
  nest.error('failed', 'the stack', 'RoutesResolver');
  expect(lines()).toMatchObject([
    { level: 'warn', msg: 'careful', nest: 'Injector' },
    { level: 'error', msg: 'broken', error: { message: 'broken' } },
    { level: 'error', msg: 'failed', nest: 'RoutesResolver', stack: 'the stack' },
  ]);
});
