import { expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import { assignedOrdinals, blobCid, isAssigned, rendezvous, sha256Of, siblingsToHear, type Cid } from '../index.ts';

const cidOf = (text: string): Cid => blobCid(sha256Of(new TextEncoder().encode(text)));
const cids = fc.string().map(cidOf);
const peers = fc.integer({ min: 1, max: 12 });

test('every ordinal has one place, and everybody computes the same', () => {
  fc.assert(
    fc.property(cids, peers, (cid, count) => {
      const order = rendezvous(cid, count);
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, ordinal) => ordinal));
      expect(rendezvous(cid, count)).toEqual(order);
    }),
  );
});

test('one more peer moves nothing between the others: it takes its place in an order that stays', () => {
  fc.assert(
    fc.property(cids, peers, (cid, count) => {
      expect(rendezvous(cid, count + 1).filter((ordinal) => ordinal !== count)).toEqual(rendezvous(cid, count));
    }),
  );
});

test('blobs are spread evenly, and a new peer takes its share and no more', () => {
  const blobs = Array.from({ length: 3000 }, (_, index) => cidOf(`blob ${index}`));
  for (const [count, copies] of [[3, 2], [4, 2], [5, 3]] as const) {
    const held = Array.from({ length: count }, () => 0);
    for (const cid of blobs) for (const ordinal of assignedOrdinals(cid, { peers: count, copies })) held[ordinal] = (held[ordinal] ?? 0) + 1;
    const share = (blobs.length * copies) / count;
    for (const one of held) expect(Math.abs(one - share) / share).toBeLessThan(0.1);
    const moved = blobs.flatMap((cid) => {
      const before = assignedOrdinals(cid, { peers: count, copies });
      return assignedOrdinals(cid, { peers: count + 1, copies }).filter((ordinal) => !before.includes(ordinal));
    });
    expect(new Set(moved)).toEqual(new Set([count]));
    expect(Math.abs(moved.length - (blobs.length * copies) / (count + 1)) / share).toBeLessThan(0.1);
  }
});

test('a peer knows which blobs are its own', () => {
  const [cid, place] = [cidOf('x'), { peers: 4, copies: 2 }];
  const mine = [0, 1, 2, 3].filter((ordinal) => isAssigned(cid, { ...place, ordinal }));
  expect(mine).toEqual(assignedOrdinals(cid, place).toSorted((a, b) => a - b));
  expect(isAssigned(cid, { ordinal: 1, peers: 2, copies: 2 })).toBe(true);
});

test('whoever hears so many siblings has heard one of every possible acknowledgement', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 7 }), fc.integer({ min: 2, max: 7 }), fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (count, wanted, random) => {
      const copies = Math.min(count, wanted);
      const shuffled = (): number[] => Array.from({ length: count - 1 }, (_, index) => ({ ordinal: index + 1, by: random.next().value as number })).sort((a, b) => a.by - b.by).map(({ ordinal }) => ordinal);
      const heard = new Set(shuffled().slice(0, siblingsToHear({ peers: count, copies })));
      const acknowledged = shuffled().slice(0, copies - 1);
      expect(acknowledged.some((ordinal) => heard.has(ordinal))).toBe(true);
    }),
  );
  expect([siblingsToHear({ peers: 2, copies: 2 }), siblingsToHear({ peers: 3, copies: 2 }), siblingsToHear({ peers: 3, copies: 3 }), siblingsToHear({ peers: 3, copies: 1 })]).toEqual([1, 2, 1, 2]);
});
