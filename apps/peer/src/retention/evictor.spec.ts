import { expect, test } from '@jest/globals';
import type { Cid } from '@souk/domain';
import { bytesOf, cidOf } from '@souk/testing/conformance';
import { RetentionScene } from '../testing/retention-scene.ts';

const blob = (seed: number): [Cid, Uint8Array] => [cidOf(bytesOf(100, seed)), bytesOf(100, seed)];
const everything = (scene: RetentionScene) => scene.evictor.evict(() => Number(scene.ledger.usage().cached.blobs > 0));

test('a blob on its way out is gone for everybody, is withdrawn before it is deleted, and struck off last', async () => {
  const scene = new RetentionScene();
  const cid = await scene.put(...blob(1), 'known');
  const seen: unknown[] = [];
  scene.evictor.withdrawBy(async () => {
    seen.push(await scene.blobs.size(cid), await scene.raw.size(cid), await scene.blobs.read(cid).catch((error: unknown) => (error as { code: string }).code), await scene.here());
  });
  scene.raw.delete = async () => void seen.push((await scene.ledger.get(cid))?.keeping);
  expect(await scene.evictor.drop(cid, ['cached'])).toBe(true);
  expect(seen).toEqual([undefined, 100, 'BLOB_NOT_FOUND', [], 'cached']);
  expect(await scene.ledger.get(cid)).toBeUndefined();
});

test('a blob is dropped only for the reasons that are given', async () => {
  const scene = new RetentionScene();
  const [pinned, cached, unnamed] = [await scene.put(...blob(1), 'published'), await scene.put(...blob(2), 'known'), await scene.put(...blob(3))];
  for (const cid of [pinned, unnamed, cidOf(bytesOf(9))]) expect(await scene.evictor.drop(cid, ['cached'])).toBe(false);
  expect(await scene.evictor.drop(unnamed, ['unnamed', 'cached'])).toBe(true);
  await everything(scene);
  expect(await scene.here()).toEqual([pinned]);
  expect(scene.happened.filter((one) => one.includes(cached))).toEqual([`withdraw ${cached}`, `delete ${cached}`]);
});

test('what became pinned after it was chosen stays', async () => {
  const scene = new RetentionScene();
  const [first, second] = [await scene.put(...blob(1), 'known'), await scene.put(...blob(2), 'known')];
  scene.evictor.withdrawBy(async ([cid]) => {
    if (cid === first) await scene.ledger.name([{ cid: second, as: 'published' }]);
  });
  await everything(scene);
  expect(await scene.here()).toEqual([second]);
});

test('a blob that is held stays; the next one goes instead; let go of, it goes', async () => {
  const scene = new RetentionScene();
  const [first, second] = [await scene.put(...blob(1), 'known'), await scene.put(...blob(2), 'known')];
  const holds = [await scene.evictor.hold([first]), await scene.evictor.hold([first, first])];
  await everything(scene);
  expect(await scene.here()).toEqual([first]);
  expect(scene.happened).toContain(`delete ${second}`);
  holds[0]?.();
  holds[0]?.();
  await everything(scene);
  expect(await scene.here()).toEqual([first]);
  holds[1]?.();
  await everything(scene);
  expect(await scene.here()).toEqual([]);
});

test('while all blobs are held none is deleted, also by an eviction that had begun', async () => {
  const scene = new RetentionScene();
  const [first, second] = [await scene.put(...blob(1), 'known'), await scene.put(...blob(2), 'known')];
  let letGo = (): void => undefined;
  scene.evictor.withdrawBy(async () => {
    scene.evictor.withdrawBy(async () => undefined);
    void scene.evictor.holdAll().then((end) => (letGo = end));
  });
  await everything(scene);
  expect(await scene.here()).toEqual([second]);
  expect(scene.happened).toContain(`delete ${first}`);
  letGo();
  letGo();
  await everything(scene);
  expect(await scene.here()).toEqual([]);
});

test('who wants to hold what is just being deleted waits, and finds it gone', async () => {
  const scene = new RetentionScene();
  const cid = await scene.put(...blob(1), 'known');
  const withdrawing = Promise.withResolvers<void>();
  scene.evictor.withdrawBy(() => withdrawing.promise);
  const dropped = scene.evictor.drop(cid, ['cached']);
  let isHeld = false;
  const holding = scene.evictor.hold([cid]).then(async (letGo) => {
    isHeld = true;
    expect(await scene.blobs.size(cid)).toBeUndefined();
    letGo();
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isHeld).toBe(false);
  withdrawing.resolve();
  await holding;
  expect(await dropped).toBe(true);
});

test('the same blob that comes back while it is deleted is kept', async () => {
  const scene = new RetentionScene();
  const [cid, bytes] = blob(1);
  await scene.put(cid, bytes, 'known');
  const withdrawing = Promise.withResolvers<void>();
  scene.evictor.withdrawBy(() => withdrawing.promise);
  const dropped = scene.evictor.drop(cid, ['cached']);
  const again = scene.put(cid, bytes);
  await new Promise((resolve) => setImmediate(resolve));
  withdrawing.resolve();
  expect(await dropped).toBe(true);
  await again;
  expect(await scene.here()).toEqual([cid]);
  expect(scene.ledger.usage().cached).toEqual({ blobs: 1, bytes: 100 });
});

test('what cannot be withdrawn is not deleted; the others are, and the eviction ends', async () => {
  const scene = new RetentionScene();
  const [first] = [await scene.put(...blob(1), 'known'), await scene.put(...blob(2), 'known')];
  scene.evictor.withdrawBy(([cid]) => (cid === first ? Promise.reject(new Error('no')) : Promise.resolve()));
  await everything(scene);
  expect(await scene.here()).toEqual([first]);
  await expect(scene.evictor.drop(first, ['cached'])).rejects.toThrow('no');
  expect(scene.evictor.isLeaving(first)).toBe(false);
  expect(await scene.blobs.size(first)).toBe(100);
});

test('evictions that are wanted at once are one after the other', async () => {
  const scene = new RetentionScene();
  for (let seed = 1; seed <= 10; seed += 1) await scene.put(...blob(seed), 'known');
  const wanted = (left: number) => () => scene.ledger.usage().cached.blobs - left;
  await Promise.all([scene.evictor.evict(wanted(6)), scene.evictor.evict(wanted(4)), scene.evictor.evict(wanted(8))]);
  expect(scene.ledger.usage().cached.blobs).toBe(4);
  expect(new Set(scene.happened).size).toBe(12);
});
