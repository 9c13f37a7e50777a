import { expect, test } from '@jest/globals';
import { CarReader, CarWriter } from '@ipld/car';
import { fc } from '@souk/testing/properties';
import { blobCid, sha256Of, type SmallBlob } from '@souk/domain';
import { CID } from 'multiformats/cid';
import { gather } from '@souk/testing/conformance';
import { readCar, writeCar } from './index.ts';

const limits = { maxBlobs: 100, maxBlobBytes: 1000 };
const blobOf = (text: string): SmallBlob => ({ cid: blobCid(sha256Of(Buffer.from(text))), bytes: new Uint8Array(Buffer.from(text)) });
const some = [blobOf('one'), blobOf(''), blobOf('three'.repeat(100))];

test('blobs come out as they went in, in their order', async () => {
  expect(await readCar(writeCar(some), limits)).toEqual(some);
  expect(await readCar(writeCar([]), limits)).toEqual([]);
});

test('other programs read what we write, and we read what they write', async () => {
  const read = await CarReader.fromBytes(writeCar(some));
  const blocks = [];
  for await (const { cid, bytes } of read.blocks()) blocks.push({ cid: cid.toString(), bytes });
  expect(blocks).toEqual(some);
  const roots = some.map(({ cid }) => CID.parse(cid));
  const { writer, out } = CarWriter.create(roots);
  const written = gather(out);
  for (const { cid, bytes } of some) await writer.put({ cid: CID.parse(cid), bytes });
  await writer.close();
  expect(await readCar(await written, limits)).toEqual(some);
});

test('too many blobs and too large ones are TOO_LARGE', async () => {
  await expect(readCar(writeCar(some), { ...limits, maxBlobs: 2 })).rejects.toMatchObject({ code: 'TOO_LARGE', details: { limit: 2 } });
  await expect(readCar(writeCar(some), { ...limits, maxBlobBytes: 499 })).rejects.toMatchObject({ code: 'TOO_LARGE', details: { limit: 499 } });
  expect(await readCar(writeCar(some), { maxBlobs: 3, maxBlobBytes: 500 })).toHaveLength(3);
});

test('a length that nobody could send is refused before anything is allocated', async () => {
  const car = writeCar([]);
  const huge = Buffer.concat([car, Buffer.from('ffffffffffff7f', 'hex'), CID.parse(some[0]?.cid ?? '').bytes]);
  await expect(readCar(huge, limits)).rejects.toMatchObject({ code: 'TOO_LARGE' });
});

test('cids of anything but blobs are refused', async () => {
  for (const cid of ['bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua', 'QmbWqxBEKC3P8tqsKc98xmWNzrzDtRLMiMPL8wBuTGsMnR']) {
    const { writer, out } = CarWriter.create([]);
    const written = gather(out);
    await writer.put({ cid: CID.parse(cid), bytes: Uint8Array.of(1) });
    await writer.close();
    await expect(readCar(await written, limits)).rejects.toMatchObject({ code: 'BAD_CID' });
  }
});

test('what is cut, changed or random is refused or read, and never crashes', async () => {
  const car = writeCar(some);
  const change = fc.record({ at: fc.nat(car.length - 1), value: fc.nat(255) });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 4 }), fc.nat(car.length), fc.uint8Array({ maxLength: 200 }), async (changes, length, random) => {
      const changed = Uint8Array.from(car);
      for (const { at, value } of changes) changed[at] = value;
      for (const bytes of [changed, changed.slice(0, length), random, Buffer.concat([writeCar([]), random])]) {
        const outcome = await readCar(bytes, limits).catch((error: { code: string }) => error.code);
        expect(Array.isArray(outcome) || ['BAD_REQUEST', 'BAD_CID', 'TOO_LARGE'].includes(outcome)).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});
