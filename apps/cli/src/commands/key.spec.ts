import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Workbench } from '../../fixtures/workbench.ts';

let bench: Workbench;

beforeEach(async () => {
  bench = await Workbench.open();
});
afterEach(() => bench.close());

const key = (...words: string[]): ReturnType<Workbench['souk']> => bench.souk(['key', ...words, '--json']);

test('a computer that joins has a key of its own, always the same, and no root', async () => {
  const { json: mine } = await bench.publish({ name: 'mine', version: '1.0.0' });
  const { publisher } = mine as { publisher: string };
  const joined = await key('join', publisher);
  expect(joined).toMatchObject({ code: 0, json: { publisher, key: expect.stringMatching(/^z6Mk/) } });
  expect(await key('join', publisher)).toMatchObject({ json: joined.json });
  expect(await key()).toMatchObject({ json: { keys: [{ name: 'device', key: joined.json.key }] } });
  expect(bench.site.calls.filter((call) => call !== 'postRecords' && !call.startsWith('putBlob'))).not.toContain('getLog');
  expect(await bench.souk(['publish', bench.package({ name: 'mine', version: '2.0.0' }), '--json'])).toMatchObject({ code: 4, json: { code: 'NOT_DELEGATED' } });
  expect(await bench.souk(['key', 'add', joined.json.key, '--json'], { home: bench.author })).toMatchObject({ code: 0, json: { name: 'device', signed: true } });
  expect(await bench.souk(['publish', bench.package({ name: 'mine', version: '2.0.0' }), '--json'])).toMatchObject({ code: 0, json: { publisher } });
});

test('words that make no sense are usage errors, and a damaged note of the publisher is told', async () => {
  for (const words of [['dance'], ['join'], ['join', 'nobody'], ['add'], ['add', 'z6Mk'], ['revoke', 'x', '--after', 'never']]) expect(await key(...words)).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST' } });
  mkdirSync(bench.home, { recursive: true, mode: 0o700 });
  writeFileSync(join(bench.home, 'publisher'), 'nonsense');
  expect(await bench.souk(['publish', bench.package({ name: 'mine', version: '1.0.0' }), '--json'])).toMatchObject({ code: 7, json: { code: 'STORAGE_CORRUPT' } });
});

test('a key that never wrote can not be revoked, nor can a site hide what it wrote', async () => {
  const { json } = await bench.publish({ name: 'mine', version: '1.0.0' });
  const souk = (...words: string[]): ReturnType<Workbench['souk']> => bench.souk([...words, '--json'], { home: bench.author });
  const { key: stranger } = (await key('join', json.publisher)).json;
  expect(await souk('key', 'revoke', stranger)).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST', message: expect.stringContaining('never wrote') } });
  await souk('key', 'add', stranger);
  expect(await souk('key', 'revoke', stranger, '--after', '7')).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST' } });
  expect(await souk('key', 'revoke', stranger)).toMatchObject({ code: 0, json: { lastSeq: -1 } });
  rmSync(join(bench.author, 'keys', 'next-root'));
  expect(await souk('key', 'list')).toMatchObject({ code: 0 });
});
