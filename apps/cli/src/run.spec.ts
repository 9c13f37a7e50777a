import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { SoukError } from '@souk/domain';
import { Workbench } from '../fixtures/workbench.ts';
import { commandTable } from './command-table.ts';

let bench: Workbench;
beforeEach(async () => {
  bench = await Workbench.open();
});
afterEach(() => bench.close());

test('the help names every command, and each one has its own', async () => {
  const { code, stdout } = await bench.souk(['--help']);
  expect(code).toBe(0);
  for (const { name, summary } of commandTable) {
    expect(stdout).toContain(`  ${name}`);
    expect((await bench.souk([name, '--help'])).stdout).toContain(summary);
    expect((await bench.souk(['help', name])).stdout).toMatch(new RegExp(`^Usage: souk ${name} `));
  }
  expect(commandTable.map(({ name }) => name)).toEqual('up demo publish import search info install uninstall list resolve verify tag yank deprecate undo network login account token policy key config doctor backup restore'.split(' '));
  expect((await bench.souk([])).stdout).toBe(stdout);
  expect((await bench.souk(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each([
  [['serch'], "Unknown command 'serch' (Did you mean search?)"],
  [['search', '--colour'], "Unknown option '--colour'."],
  [['info'], "Missing required argument 'package'."],
  [['yank', 'a@1.0.0'], "Required option '--reason <text>' not specified."],
  [['search', '--limit', '0'], '--limit: '],
  [['search', '--kind', 'thing'], '--kind: '],
  [['info', 'a', '--site', 'ftp://x'], 'A site speaks http or https'],
])('souk %j is a usage error', async (words, says) => {
  const ran = await bench.souk([...words, '--json']);
  expect(ran).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST', message: expect.stringContaining(says), hint: expect.any(String) } });
  const text = await bench.souk(words);
  expect(text).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(says) });
  expect(text.stderr).toMatch(/^souk: [^\n]+ \(BAD_REQUEST\)\n {2}[^\n]+\n$/);
});

test('global options stand before or after the command', async () => {
  expect((await bench.souk(['--json', 'search'])).json).toMatchObject({ total: 0 });
  expect((await bench.souk(['--site', bench.site.url, 'search', '--json'], { env: { SOUK_SITE: 'http://127.0.0.1:1' } })).code).toBe(0);
});

test('interrupted at any time: exit 130', async () => {
  const stop = new AbortController();
  bench.site.raws.search = () => stop.abort(new SoukError('CANCELLED', 'Interrupted.'));
  expect(await bench.souk(['search', '--json'], { signal: stop.signal })).toMatchObject({ code: 130, json: { code: 'CANCELLED' } });
});

test('no site there: says so and how to start one', async () => {
  expect(await bench.souk(['search'], { env: { SOUK_SITE: 'http://127.0.0.1:1' } })).toMatchObject({ code: 6, stderr: 'souk: No site answers at http://127.0.0.1:1. (UNAVAILABLE)\n  Start one with: souk up. Or name another one by --site URL or SOUK_SITE.\n' });
});

test('a bug shows its message and no stack', async () => {
  const ran = await bench.souk(['search', '--json'], { env: { SOUK_SITE: 7 as unknown as string } });
  expect(ran).toMatchObject({ code: 70, json: { code: 'INTERNAL', message: expect.stringMatching(/^Something went wrong inside Souk: /) } });
  expect(ran.stdout).not.toMatch(/\.ts|\n\s+at /);
});
