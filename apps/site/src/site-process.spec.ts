import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sameBytes, toWire, type VerifiedRecord } from '@souk/domain';
import { author, packed } from '@souk/testing';

const program = fileURLToPath(new URL('../dist/site.mjs', import.meta.url));

let folder: string;
let children: ChildProcess[];

beforeAll(() => {
  if (!existsSync(program)) throw new Error('apps/site/dist/site.mjs is missing: npm run build');
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'souk-process-'));
  children = [];
});
afterEach(async () => {
  for (const child of children) await ended(child, 'SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

interface Said {
  readonly child: ChildProcess;
  readonly lines: string[];
}

/** Starts the bundled site and waits for its first line, or its end. */
async function start(env: Record<string, string> = {}): Promise<Said> {
  const own = { PATH: process.env['PATH'], SOUK_DATA: join(folder, 'data'), SOUK_PORT: '0', SOUK_P2P_HOST: '127.0.0.1', SOUK_P2P_PATIENCE: '5', SOUK_ANNOUNCE: 'json', ...env };
  const child = spawn(process.execPath, [program], { env: own, stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  await Promise.race([once(reader, 'line'), once(reader, 'close')]);
  return { child, lines };
}

async function ended(child: ChildProcess, signal?: NodeJS.Signals): Promise<number | string | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit');
    if (signal) child.kill(signal);
    await exit;
  }
  return child.exitCode ?? child.signalCode;
}

const urlOf = ({ lines }: Said): string => (JSON.parse(lines[0] ?? '') as { url: string }).url;

test.each(['SIGTERM', 'SIGINT'] as const)('says one line when it is ready and ends with 0 after %s', async (signal) => {
  const site = await start();
  const url = urlOf(site);
  expect(JSON.parse(site.lines[0] ?? '')).toEqual({ url: expect.stringMatching(/^http:/), peerId: expect.any(String), multiaddrs: expect.any(Array), invite: expect.stringMatching(/^souk1_/) });
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect(await ended(site.child, signal)).toBe(0);
  expect(site.lines).toHaveLength(1);
});

test('tells a person how to go on', async () => {
  const site = await start({ SOUK_ANNOUNCE: '' });
  await ended(site.child, 'SIGTERM');
  expect(site.lines.join('\n')).toMatch(/^Souk is ready at http(.|\n)*invite {2}souk1_(.|\n)*souk demo(.|\n)*souk search(.|\n)*souk publish/);
});

test('a start that fails is one error body and the exit code of the table', async () => {
  const running = await start();
  const cases: [Record<string, string>, string, number][] = [
    [{}, 'STORAGE_LOCKED', 7],
    [{ SOUK_DATA: join(folder, 'other'), SOUK_PORT: new URL(urlOf(running)).port }, 'PORT_IN_USE', 7],
    [{ SOUK_PORT: 'x' }, 'BAD_CONFIG', 78],
    [{ SOUK_DATA: join(folder, 'file') }, 'STORAGE_DENIED', 7],
  ];
  await writeFile(join(folder, 'file'), '');
  for (const [env, code, exit] of cases) {
    const { child, lines } = await start(env);
    expect([await ended(child), lines.map((line) => (JSON.parse(line) as { code: string }).code)]).toEqual([exit, [code]]);
  }
});

interface Kept {
  readonly record: VerifiedRecord;
  readonly cid: string;
  readonly bytes: Uint8Array;
}

/** Publishes versions one after the other until the site is gone; gives back those that were acknowledged. */
async function publishUntilGone(url: string, by: ReturnType<typeof author>, round: number, onAcknowledged: (count: number) => void): Promise<Kept[]> {
  const acknowledged: Kept[] = [];
  const headers = { 'content-type': 'application/json' };
  for (let patch = 0; ; patch += 1) {
    const { cid, bytes, body } = await packed('kept', `${round}.0.${patch}`);
    try {
      const upload = await fetch(`${url}/v1/blobs/${cid}`, { method: 'PUT', body: bytes, headers: { 'content-type': 'application/octet-stream' } });
      if (!upload.ok) return acknowledged;
      const record = by.device.write('release', body);
      const answer = await fetch(`${url}/v1/records`, { method: 'POST', headers, body: JSON.stringify({ records: by.records.map(toWire) }) });
      if (!answer.ok) return acknowledged;
      acknowledged.push({ record, cid, bytes });
      onAcknowledged(acknowledged.length);
    } catch {
      return acknowledged;
    }
  }
}

test('kill -9 right after an acknowledgement loses nothing that was acknowledged', async () => {
  const ada = author('ada');
  const kept: Kept[] = [];
  for (const round of [1, 2, 3]) {
    const site = await start();
    const more = await publishUntilGone(urlOf(site), ada, round, (count) => count === round && site.child.kill('SIGKILL'));
    expect(more.length).toBeGreaterThanOrEqual(round);
    await ended(site.child);
    kept.push(...more);
  }
  const url = urlOf(await start());
  const log = (await (await fetch(`${url}/v1/publishers/${ada.device.key}/log?limit=200`)).json()) as { records: unknown[] };
  for (const { record, cid, bytes } of kept) {
    expect(log.records).toContainEqual(toWire(record));
    const blob = await fetch(`${url}/v1/blobs/${cid}`);
    expect(sameBytes(new Uint8Array(await blob.arrayBuffer()), bytes)).toBe(true);
  }
});
