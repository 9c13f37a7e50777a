import { expect, test } from '@jest/globals';
import { ProcessLog, type ProcessLogOptions } from './process-log.ts';

const search = { service: 'search', replica: 1 };

function written(format: ProcessLogOptions['format'], use: (log: ProcessLog) => void, rest: Partial<ProcessLogOptions> = {}): string {
  let text = '';
  use(new ProcessLog({ write: (more) => (text += more), format, level: 'info', width: 10, isNumbered: true, ...rest }));
  return text;
}

const line = JSON.stringify({ level: 'info', time: '2026-01-02T03:04:05.006Z', service: 'search', msg: 'started', url: 'http://x' });
const failure = JSON.stringify({ level: 'error', time: '2026-01-02T03:04:05.006Z', msg: 'failed', error: { type: 'TypeError', message: 'x', stack: 'TypeError: x\n    at somewhere' } });

test('for people: process, time, level, event and fields, one below the other', () => {
  expect(written('text', (log) => log.take(search, line))).toMatch(/^search\/1 {3}\[\d\d:\d\d:05\.006\] INFO: started \{"url":"http:\/\/x"\}\n$/);
  expect(written('text', (log) => log.take(search, line), { isNumbered: false })).toMatch(/^search {5}\[/);
});

test('a stack has its process before every line', () => {
  const lines = written('text', (log) => log.take(search, failure)).trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(2);
  expect(lines.filter((one) => !one.startsWith('search/1  '))).toEqual([]);
  expect(lines.join()).toContain('at somewhere');
});

test('on a terminal every process has a color of its own', () => {
  const colors = [0, 1, 2].map((replica) => written('color', (log) => [0, 1, 2].forEach((other) => log.take({ service: 'search', replica: other }, line))).split('\n')[replica]?.slice(0, 5));
  expect(new Set(colors).size).toBe(3);
});

test('for programs: the line as it was, with which process wrote it', () => {
  expect(JSON.parse(written('json', (log) => log.take(search, line)))).toEqual({ ...(JSON.parse(line) as object), ...search });
});

test.each(['plain words', '{"level": broken', '[1]', '"x"', 'null', '{}'])('what is no log line is a warning as it stands: %s', (text) => {
  expect(JSON.parse(written('json', (log) => log.take(search, text)))).toMatchObject({ level: 'warn', msg: text, ...search });
});

test('empty lines are left out, and what is said about a process is from its level on', () => {
  expect(written('json', (log) => log.take(search, '  '))).toBe('');
  const about = (log: ProcessLog): void => {
    log.of(search).debug('hidden');
    log.say(search, 'debug', 'hidden too');
    log.of(search).warn('seen');
  };
  expect(JSON.parse(written('json', about))).toMatchObject({ level: 'warn', msg: 'seen', ...search });
});
