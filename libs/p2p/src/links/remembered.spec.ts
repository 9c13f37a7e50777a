import type { Connection, PeerStore } from '@libp2p/interface';
import { expect, test } from '@jest/globals';
import { multiaddr } from '@multiformats/multiaddr';
import { peerIdOf, seedFrom, signerOf } from '@souk/domain';
import { parsePeerId } from '../node/links.ts';
import { Remembered } from './remembered.ts';

const peer = (name: string): string => peerIdOf(signerOf(seedFrom(name)).publicKey);
const at = (name: string): string => `/ip4/10.0.0.1/tcp/1000/p2p/${peer(name)}`;
const several = (name: string, count: number): string[] => Array.from({ length: count }, (_, index) => at(`${name} ${index}`));

const link = (name: string, direction: 'inbound' | 'outbound'): Connection => ({ remotePeer: parsePeerId(peer(name)), remoteAddr: multiaddr('/ip4/10.0.0.1/tcp/1000'), direction }) as unknown as Connection;
const store = { get: async () => ({ addresses: [{ multiaddr: multiaddr('/ip4/10.0.0.1/tcp/1000') }] }) } as unknown as PeerStore;

test('what one peer tells is believed half of the places at most, and gives way to what it tells next', () => {
  const remembered = new Remembered([]);
  remembered.offer(several('dead', 20), 'liar');
  expect(remembered.list()).toEqual(several('dead', 10));
  expect(remembered.offer(several('alive', 10), 'honest')).toBe(true);
  expect(remembered.list().filter((address) => several('alive', 10).includes(address))).toHaveLength(10);
  expect(remembered.offer(several('alive', 10), 'honest')).toBe(false);
  remembered.offer([at('better')], 'liar');
  expect(remembered.list()).toEqual(expect.arrayContaining([at('better')]));
  expect(remembered.list()).toHaveLength(11);
});

test('peers that were dialled come first, whoever else linked us or is told of, and those of the last run last', async () => {
  const remembered = new Remembered([at('before'), 'no address']);
  remembered.offer([at('told'), 'no address', at('before')], 'teller');
  for (let index = 0; index < 30; index += 1) await remembered.note(link(`stranger ${index}`, 'inbound'), store);
  await remembered.note(link('dialled', 'outbound'), store);
  const list = remembered.list();
  expect([list[0], list.length]).toEqual([at('dialled'), 13]);
  expect(list).toEqual(expect.arrayContaining([at('told'), at('before')]));
});
