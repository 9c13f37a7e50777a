import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { expect, test } from '@jest/globals';
import { seedFrom } from '@souk/domain';
import { QuotaDatastore } from './quota-datastore.ts';

type Key = Parameters<QuotaDatastore['get']>[0];

const self = peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', seedFrom('self')));
const key = (name: string): Key => ({ toString: () => name }) as Key;
const provider = (cid: string, peer: string): Key => key(`/dht/provider/${cid}/${peer}`);
const value = Uint8Array.of(1);

function names(store: QuotaDatastore, prefix: string): string[] {
  return [...store.query({ prefix })].map((pair) => pair.key.toString());
}

function store(quotas: Partial<ConstructorParameters<typeof QuotaDatastore>[1]> = {}): QuotaDatastore {
  return new QuotaDatastore(self, { providerRecords: 100, providerRecordsPerPeer: 100, peerRecords: 100, ...quotas });
}

test('it keeps, finds, counts and forgets as a datastore does', async () => {
  const data = store();
  data.put(provider('c1', 'p1'), value);
  data.put(provider('c1', 'p2'), value);
  data.put(provider('c2', 'p1'), value);
  expect(names(data, '/dht/provider/c1')).toEqual(['/dht/provider/c1/p1', '/dht/provider/c1/p2']);
  expect(names(data, '/dht/provider')).toHaveLength(3);
  expect([...data.queryKeys({ prefix: '/dht', limit: 2, offset: 1 })]).toHaveLength(2);
  expect([data.get(provider('c1', 'p1')), data.has(provider('c3', 'p1'))]).toEqual([value, false]);
  data.delete(provider('c1', 'p1'));
  expect(() => data.get(provider('c1', 'p1'))).toThrow(expect.objectContaining({ name: 'NotFoundError' }));
  const batch = data.batch();
  batch.put(key('/a/b'), value);
  batch.delete(provider('c1', 'p2'));
  await batch.commit();
  expect([data.has(key('/a/b')), data.has(provider('c1', 'p2'))]).toEqual([true, false]);
  for await (const pair of data.getMany([key('/a/b')])) expect(pair.value).toEqual(value);
});

test('a peer that announces more than its share is refused, we are not, and what was forgotten counts no more', () => {
  const data = store({ providerRecordsPerPeer: 2 });
  for (const cid of ['c1', 'c2']) data.put(provider(cid, 'greedy'), value);
  expect(() => data.put(provider('c3', 'greedy'), value)).toThrow(RangeError);
  data.put(provider('c1', 'greedy'), value);
  data.put(provider('c3', 'modest'), value);
  for (const cid of ['c1', 'c2', 'c3']) data.put(provider(cid, self.toString()), value);
  data.delete(provider('c1', 'greedy'));
  data.put(provider('c4', 'greedy'), value);
  expect(names(data, '/dht/provider')).toHaveLength(6);
});

test('beyond the bound the oldest provider record gives way', () => {
  const data = store({ providerRecords: 2 });
  for (const cid of ['c1', 'c2', 'c3']) data.put(provider(cid, 'p'), value);
  expect(names(data, '/dht/provider').toSorted()).toEqual(['/dht/provider/c2/p', '/dht/provider/c3/p']);
});

test('beyond the bound many who announce much make room for one who announces little', () => {
  const data = store({ providerRecords: 6, providerRecordsPerPeer: 3 });
  data.put(provider('c0', 'modest'), value);
  for (const cid of ['c1', 'c2', 'c3']) for (const peer of ['greedy', 'greedier']) if (!(cid === 'c3' && peer === 'greedier')) data.put(provider(cid, peer), value);
  data.put(provider('c9', 'late'), value);
  data.put(provider('c3', 'greedier'), value);
  expect(names(data, '/dht/provider').toSorted()).toEqual(['/dht/provider/c0/modest', '/dht/provider/c2/greedier', '/dht/provider/c2/greedy', '/dht/provider/c3/greedier', '/dht/provider/c3/greedy', '/dht/provider/c9/late']);
});

test('beyond the bound the oldest peer gives way, but never ourselves', () => {
  const data = store({ peerRecords: 2 });
  const own = `/peers/${self.toCID().toString()}`;
  for (const name of [own, '/peers/p1', '/peers/p2']) data.put(key(name), value);
  expect(names(data, '/peers/')).toEqual([own, '/peers/p2']);
});
