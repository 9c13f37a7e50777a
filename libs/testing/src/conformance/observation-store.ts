import { expect } from '@jest/globals';
import { maxObservations, maxObservationsOfPeer, type Observation, type ObservationStore } from '@souk/domain';
import { epoch } from '../builders/index.ts';
import { bytesOf, cidOf } from './bytes.ts';
import { declareSuite, type Cases, type Open } from './suite.ts';

const cid = cidOf(bytesOf(1));

function observation(number: number): Observation {
  return { peer: `peer-${number % 12}`, cid, outcome: number % 2 === 0 ? 'ok' : 'timeout', bytes: number * 1000, ms: number + 0.5, at: epoch + number };
}

const cases: Cases<ObservationStore> = {
  'observations come back in order with ids from 1': async (store) => {
    const added = [await store.add(observation(1)), await store.add(observation(2)), await store.add(observation(3))];
    expect(added.map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(await store.since(0, 10)).toEqual([1, 2, 3].map((id) => ({ id, ...observation(id) })));
  },
  'they are read on from a cursor, at most as many as asked for': async (store) => {
    for (let number = 1; number <= 5; number += 1) await store.add(observation(number));
    expect((await store.since(0, 2)).map(({ id }) => id)).toEqual([1, 2]);
    expect((await store.since(2, 10)).map(({ id }) => id)).toEqual([3, 4, 5]);
    expect(await store.since(5, 10)).toEqual([]);
  },
  'only the newest are kept, and ids go on': async (store) => {
    for (let number = 1; number <= maxObservations + 3; number += 1) await store.add(observation(number));
    const kept = await store.since(0, maxObservations + 10);
    expect(kept).toHaveLength(maxObservations);
    expect([kept[0]?.id, kept.at(-1)?.id]).toEqual([4, maxObservations + 3]);
  },
  'of one peer no more than its share is kept, so that it buries nobody else': async (store) => {
    await store.add({ ...observation(1), peer: 'seldom' });
    for (let number = 0; number < maxObservations; number += 1) await store.add({ ...observation(number), peer: 'often' });
    const kept = await store.since(0, maxObservations);
    expect(kept.filter(({ peer }) => peer === 'often').map(({ id }) => id)).toEqual(Array.from({ length: maxObservationsOfPeer }, (_, at) => maxObservations + 2 - maxObservationsOfPeer + at));
    expect(kept[0]).toMatchObject({ id: 1, peer: 'seldom' });
  },
  'a closed store refuses everything': async (store) => {
    await store.close();
    await store.close();
    await expect(store.add(observation(1))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(store.since(0, 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  },
};

/** Declares the tests that every `ObservationStore` must pass. */
export function observationStoreConformance(name: string, open: Open<ObservationStore>): void {
  declareSuite(name, open, cases);
}
