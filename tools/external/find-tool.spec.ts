import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ExternalTool, Places } from './external-tool.ts';
import { externalTools } from './external-tools.ts';
import { findTool } from './find-tool.ts';
import { isGood } from './version.ts';

const tool: ExternalTool = externalTools['nats-server'];
const { pinned } = tool;
// Nothing of these specs asks the network.
const offline: ExternalTool = { ...tool, ways: tool.ways.filter(({ by }) => by !== 'release') };

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'souk-tools-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Puts a shell script where PATH leads. The shell itself is reached by its absolute path. */
function program(name: string, script: string): void {
  const file = join(folder, 'bin', name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

const says = (version: string): string => `echo "nats-server: ${version}"`;
/** A `go` that builds a nats-server of some version, and counts how often it is asked. */
const goBuilds = (version: string): string =>
  `echo "$@" >> ${folder}/asked\nprintf '#!/bin/sh\\n${says(version)}\\n' > "$GOBIN/nats-server"\n/bin/chmod 755 "$GOBIN/nats-server"`;
const places = (): Places => ({ env: { PATH: join(folder, 'bin') }, tools: join(folder, 'tools') });
const find = (which = offline): ReturnType<typeof findTool> => findTool(which, places());
const asked = (): string[] => (existsSync(join(folder, 'asked')) ? readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n') : []);

test.each([
  ['v2.15.2', true],
  ['2.9.10', true],
  ['v2.9.0', true],
  ['v2.10.0-beta.1', true],
  ['v2.8.9', false],
  ['v1.4.1', false],
  ['v3.0.0', false],
  ['v2', false],
  ['', false],
])('version %s is good: %s', (version, good) => {
  expect(isGood(tool, version)).toBe(good);
});

test('a good one on PATH is taken before anything is fetched', () => {
  program('nats-server', says('v2.9.10'));
  program('go', goBuilds(pinned));
  expect(find()).toEqual({ path: join(folder, 'bin/nats-server'), version: 'v2.9.10', by: 'PATH' });
  expect(asked()).toEqual([]);
});

test.each(['v2.2.0', 'nothing'])('one on PATH that says %s is passed by, and Go builds the pinned one, once', (version) => {
  program('nats-server', says(version));
  program('go', goBuilds(pinned));
  const found = { path: join(folder, 'tools/go/nats-server'), version: pinned, by: 'go install' };
  expect([find(), find()]).toEqual([found, found]);
  expect(asked()).toEqual([`install github.com/nats-io/nats-server/v2@${pinned}`]);
  expect(readdirSync(join(folder, 'tools'))).toEqual(['go']);
});

test('that something is fetched is said before, and only then', () => {
  program('go', goBuilds(pinned));
  let said = 0;
  const onFetch = (): void => {
    expect(asked()).toEqual([]);
    said += 1;
  };
  for (let turn = 0; turn < 2; turn += 1) findTool(offline, { ...places(), onFetch });
  expect([said, asked().length]).toEqual([1, 1]);
});

test('where Go is not there or fails, Debian has it', () => {
  program('apt-get', `case "$1" in download) echo > nats-server_2.9.10.deb;; esac`);
  program('dpkg-deb', `/bin/mkdir -p "$3/usr/sbin"\nprintf '#!/bin/sh\\n${says('v2.9.10')}\\n' > "$3/usr/sbin/nats-server"\n/bin/chmod 755 "$3/usr/sbin/nats-server"`);
  expect(find()).toEqual({ path: join(folder, 'tools/debian/nats-server'), version: 'v2.9.10', by: 'Debian' });
  rmSync(join(folder, 'tools'), { recursive: true });
  program('go', 'echo "no route to host" >&2\nexit 1');
  expect(find()).toMatchObject({ by: 'Debian' });
});

test('what is built but does not run, or is too old, is not kept', () => {
  program('go', goBuilds('v2.1.0'));
  expect(find()).toEqual({ why: expect.stringContaining('go install: what was fetched is no nats-server of a good version') });
  expect(readdirSync(join(folder, 'tools'))).toEqual(['nats-server.failed']);
});

test('without any way it says why in one line, and asks again only after a while', () => {
  program('go', `echo asked >> ${folder}/asked\necho "no route to host" >&2\nexit 1`);
  const { why } = find() as { why: string };
  expect(why).toBe('no nats-server: not on PATH; go install: no route to host; Debian: apt-get is not there');
  expect([find(), asked()]).toEqual([{ why }, ['asked']]);
  utimesSync(join(folder, 'tools/nats-server.failed'), 0, 0);
  program('go', goBuilds(pinned));
  expect(find()).toMatchObject({ by: 'go install' });
});

test('the lock of a process that died is taken over', () => {
  const lock = join(folder, 'tools/nats-server.lock');
  program('go', goBuilds(pinned));
  mkdirSync(lock, { recursive: true });
  writeFileSync(join(lock, 'pid'), String(spawnSync('true').pid));
  expect(find()).toMatchObject({ by: 'go install' });
  // This one died before it wrote down who it was.
  mkdirSync(lock);
  utimesSync(lock, 0, 0);
  rmSync(join(folder, 'tools/go'), { recursive: true });
  expect(find()).toMatchObject({ by: 'go install' });
});

test('what Go would refuse to install because it replaces modules is built in its own folder', () => {
  const ways = [{ by: 'go install', module: 'example.com/m', package: 'cmd/x', variables: { 'main.v': pinned }, hasReplacements: true }] as const;
  program('go', `echo "$@" >> ${folder}/asked\ncase "$1" in mod) echo '{"Dir":"/sources"}';; build) printf '#!/bin/sh\n${says(pinned)}\n' > "$7"; /bin/chmod 755 "$7";; esac`);
  expect(find({ ...tool, ways })).toMatchObject({ by: 'go install' });
  expect(asked()).toEqual([`mod download -json example.com/m@${pinned}`, expect.stringMatching(`^build -C /sources -ldflags -X main.v=${pinned} -o /.*/bin/nats-server ./cmd/x$`)]);
});

/** A `curl` that has one archive with a nats-server inside, and a list that names some sum for it. */
function releases(sum: (archive: Uint8Array) => string): ExternalTool {
  mkdirSync(join(folder, 'made'));
  writeFileSync(join(folder, 'made/nats-server'), `#!/bin/sh\n${says(pinned)}\n`, { mode: 0o755 });
  execFileSync('tar', ['-czf', 'a.tar.gz', 'made'], { cwd: folder });
  writeFileSync(join(folder, 'SUMS'), `${'0'.repeat(64)}  other.tar.gz\n${sum(readFileSync(join(folder, 'a.tar.gz')))}  a.tar.gz\n`);
  program('curl', `for url in "$@"; do :; done\n/bin/cp "${folder}/$(/usr/bin/basename "$url")" .`);
  program('tar', 'PATH=/usr/bin:/bin exec /bin/tar "$@"');
  return { ...tool, ways: [{ by: 'release', archive: () => 'https://example.com/v1/a.tar.gz', sums: () => 'https://example.com/v1/SUMS', file: () => 'made/nats-server' }] };
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('a release is taken when it has the sum that was released with it', () => {
  expect(find(releases(sha256))).toEqual({ path: join(folder, 'tools/release/nats-server'), version: pinned, by: 'release' });
});

test('a release with another sum is not even unpacked', () => {
  expect(find(releases(() => sha256(new Uint8Array(1))))).toEqual({ why: expect.stringContaining('release: a.tar.gz does not have the sum that was released with it') });
  expect(readdirSync(join(folder, 'tools'))).toEqual(['nats-server.failed']);
});
