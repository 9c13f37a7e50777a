import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { bytesOf, cidOf, gather } from '@souk/testing/conformance';
import type { Cid, SmallBlob } from '@souk/domain';
import { openContentStore, type ContentStore } from './content-store.ts';

let folder: string;
let store: ContentStore;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'souk-content-'));
  store = await openContentStore(folder, 0);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const some = (count: number): SmallBlob[] => Array.from({ length: count }, (_, number) => bytesOf(20, number)).map((bytes) => ({ cid: cidOf(bytes), bytes }));
const packs = (): string[] => readdirSync(join(folder, 'packs'));
const read = async (cid: Cid, from = store): Promise<Uint8Array> => new Uint8Array(await gather(from.read(cid)));

test('blobs that are kept together are in a few files, and found one by one, also by another process', async () => {
  const blobs = some(600);
  await store.putAll(blobs);
  expect(packs()).toHaveLength(2);
  for (const one of [store, await openContentStore(folder, 0)]) {
    for (const { cid, bytes } of blobs) expect(await read(cid, one)).toEqual(new Uint8Array(bytes));
    expect(await one.has((blobs[599] as SmallBlob).cid, 20)).toBe(true);
    expect(await one.has((blobs[599] as SmallBlob).cid, 21)).toBe(false);
  }
  await store.putAll(some(601).slice(600));
  expect(await store.has((some(601)[600] as SmallBlob).cid, 20)).toBe(true);
});

test('a blob that is deleted is gone, its neighbours stay', async () => {
  const [one, two, three] = some(3) as [SmallBlob, SmallBlob, SmallBlob];
  await store.putAll([one, two, three]);
  await store.delete(two.cid);
  expect([await store.has(one.cid, 20), await store.has(two.cid, 20), await store.has(three.cid, 20)]).toEqual([true, false, true]);
  expect(await read(three.cid)).toEqual(new Uint8Array(three.bytes));
  await expect(read(two.cid)).rejects.toMatchObject({ code: 'ENOENT' });
  await store.delete(one.cid);
  await store.delete(three.cid);
  expect(packs()).toEqual([]);
});

test('a file of blobs that was cut off is as if it were not there', async () => {
  const [one] = some(1) as [SmallBlob];
  await store.putAll([one]);
  const file = join(folder, 'packs', packs()[0] as string);
  writeFileSync(file, readFileSync(file).subarray(0, -1));
  const other = await openContentStore(folder, 0);
  expect(await other.has(one.cid, 20)).toBe(false);
  await other.putAll([one]);
  expect(await read(one.cid, other)).toEqual(new Uint8Array(one.bytes));
});

test('a blob that was put by itself is read as it is, and put again after it was forgotten', async () => {
  const [one] = some(1) as [SmallBlob];
  const put = (): Promise<void> => store.put({ cid: one.cid, size: 20 }, [Buffer.from(one.bytes)] as unknown as AsyncIterable<Uint8Array>, { signal: new AbortController().signal });
  await put();
  await store.putAll([one]);
  expect(await read(one.cid)).toEqual(new Uint8Array(one.bytes));
  await store.delete(one.cid);
  expect(await store.has(one.cid, 20)).toBe(false);
  await put();
  expect(await store.has(one.cid, 20)).toBe(true);
});
