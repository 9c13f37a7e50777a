import { expect, test } from '@jest/globals';
import { PeerStreams } from './peer-streams.ts';

test('one more stream than a peer may hold ends its oldest; what is gone makes room, and others are not concerned', () => {
  const streams = new PeerStreams(2);
  const ended: string[] = [];
  const came = (peer: string, name: string): (() => void) => streams.came(peer, () => ended.push(name));
  const gone = came('a', 'a1');
  came('a', 'a2');
  came('b', 'b1');
  gone();
  came('a', 'a3');
  expect(ended).toEqual([]);
  const late = came('a', 'a4');
  expect(ended).toEqual(['a2']);
  late();
  late();
  came('a', 'a5');
  expect(ended).toEqual(['a2']);
});
