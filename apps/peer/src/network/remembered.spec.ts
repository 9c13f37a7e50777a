import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { portOf, Remembered } from './remembered.ts';

let folder: string;
const never = (error: unknown): never => {
  throw error;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'souk-remembered-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('knows after a restart what it was told before', async () => {
  const before = await Remembered.open(folder, never);
  expect([before.addresses, before.port]).toEqual([[], undefined]);
  before.keep({ port: 4001 });
  before.keep({ addresses: ['/ip4/10.0.0.1/tcp/1'] });
  await before.settled();
  const after = await Remembered.open(folder, never);
  expect([after.addresses, after.port]).toEqual([['/ip4/10.0.0.1/tcp/1'], 4001]);
});

test.each(['', 'null', '{', '{"addresses":7,"port":"x"}'])('begins anew when the file holds %j', async (text) => {
  await writeFile(join(folder, 'network.json'), text);
  const remembered = await Remembered.open(folder, never);
  expect([remembered.addresses, remembered.port]).toEqual([[], undefined]);
});

test('says when it cannot write, and goes on', async () => {
  const failures: unknown[] = [];
  const remembered = await Remembered.open(join(folder, 'gone'), (error) => failures.push(error));
  remembered.keep({ port: 1 });
  await remembered.settled();
  expect(failures).toHaveLength(1);
  expect(remembered.port).toBe(1);
});

test('finds the port of a multiaddr', () => {
  expect(portOf('/ip4/127.0.0.1/tcp/4001/p2p/x')).toBe(4001);
  expect(portOf(undefined)).toBeUndefined();
});
