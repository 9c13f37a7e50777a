import { afterAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { treeHash } from '@souk/domain';
import { hostileArchives, packageOfFiles, soundArchives, type HostileArchive } from '@souk/testing/archives';
import { untar, type FileTree } from './packages/file-tree.ts';
import { journeyGoods } from './packages/journey-goods.ts';
import { ownCid, ownIntegrity } from './packages/own-cid.ts';
import { writeBytes } from './packages/written-package.ts';
import { inParallel } from './scenario/in-parallel.ts';
import { Scenario } from './scenario/scenario.ts';

const world = new Scenario();
// Nothing listens there: whoever asked a site would fail.
const ada = world.person('ada').at('http://127.0.0.1:9');
afterAll(() => world.end());

const file = (name: string, bytes: Uint8Array): string => writeBytes(join(ada.project, name), bytes);

/** The tree's hash as the issue defines it, over what the system's own tar unpacked. */
function ownTree(tree: FileTree): string {
  const files = Object.entries(tree).map(([path, line]) => ({ path, line: line.split(' ') }));
  return treeHash(files.map(({ path, line: [mode, sha256 = ''] }) => ({ path, mode: mode === '755' ? 0o755 : 0o644, size: 0, sha256 })));
}

test('a sound archive is answered with cid, integrity, tree, files and size, and nothing else', async () => {
  const bytes = packageOfFiles({ 'a.txt': 'a', 'lib/b.txt': 'b' });
  const said = await ada.souk('verify', file('sound.tgz', bytes));
  const tree = await untar(join(ada.project, 'sound.tgz'), world.folder('sound'));
  expect(said).toMatchObject({ code: 0, stderr: '' });
  expect(said.json).toStrictEqual({ ok: true, cid: ownCid(bytes), integrity: ownIntegrity(bytes), tree: ownTree(tree), files: 3, size: bytes.length, violations: [] });
});

test('real packages keep the policy, and their trees are those that tar unpacks', async () => {
  const { files } = await journeyGoods(world.folder('goods'));
  const answers = await inParallel([...files], async ([name, path]) => {
    const tree = await untar(path, world.folder('trees', name));
    return { wanted: { ok: true, cid: ownCid(readFileSync(path)), integrity: ownIntegrity(readFileSync(path)), tree: ownTree(tree), files: Object.keys(tree).length }, said: await ada.souk('verify', path) };
  });
  expect(answers.map(({ said }) => said.json)).toMatchObject(answers.map(({ wanted }) => wanted));
});

/** One archive for each rule that needs no limits of its own. */
const oneOfEachRule = [...new Map(hostileArchives.filter((one) => one.limits === undefined).map((one): [string, HostileArchive] => [one.rule, one])).values()];

test('hostile archives of every kind are refused with exit code 4, rule and entry', async () => {
  const said = await inParallel(oneOfEachRule, (one, at) => ada.souk('verify', file(`hostile-${at}.tgz`, one.bytes())));
  expect(said.map(({ code, json }, at) => [oneOfEachRule[at]?.rule, code, json])).toEqual(
    oneOfEachRule.map(({ rule }) => [rule, 4, expect.objectContaining({ ok: false, violations: expect.arrayContaining([{ rule, entry: expect.any(String) }]) })]),
  );
  expect(oneOfEachRule.length).toBeGreaterThan(20);
});

test.each([
  ['is no gzip', (bytes: Buffer) => gunzipSync(bytes), 'not-gzip'],
  ['was cut', (bytes: Buffer) => bytes.subarray(0, bytes.length - 20), 'truncated'],
  ['has a flipped bit', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -8), Buffer.from([0, 0, 0, 0]), bytes.subarray(-4)]), 'bad-gzip'],
  ['is empty', () => Buffer.alloc(0), 'not-gzip'],
])('a file that %s still gets an answer', async (what, change, rule) => {
  const bytes = change(packageOfFiles({ 'a.txt': 'some text '.repeat(100) }));
  const said = await ada.souk('verify', file(`${what.replaceAll(' ', '-')}.tgz`, bytes));
  expect(said).toMatchObject({ code: 4, json: { ok: false, cid: ownCid(bytes), size: bytes.length, violations: expect.arrayContaining([{ rule, entry: expect.any(String) }]) } });
});

test('accepts what honest programs write, although npm would not', async () => {
  const said = await inParallel(soundArchives, (one, at) => ada.souk('verify', file(`honest-${at}.tgz`, one.bytes())));
  expect(said.map(({ code, json }, at) => [soundArchives[at]?.name, code, json])).toEqual(soundArchives.map(({ name }) => [name, 0, expect.objectContaining({ ok: true, violations: [] })]));
});

test('no such file is exit code 3, a folder too, no file named is exit code 2', async () => {
  expect(await ada.souk('verify', 'nowhere.tgz')).toMatchObject({ code: 3, json: { code: 'NOT_FOUND' } });
  expect(await ada.souk('verify', '.')).toMatchObject({ code: 3, json: { code: 'NOT_FOUND' } });
  expect(await ada.souk('verify')).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST' } });
});
