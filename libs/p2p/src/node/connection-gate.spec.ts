import { expect, test } from '@jest/globals';
import type { PeerId } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { peerIdOf, seedFrom, signerOf } from '@souk/domain';
import { ConnectionGate } from './connection-gate.ts';
import { parsePeerId } from './links.ts';
import { defaultSharedRanges, SharedRanges } from './shared-ranges.ts';

const at = (address: string) => ({ remoteAddr: multiaddr(`${address}/tcp/4001`) });
const [far, shared] = [at('/ip4/198.51.100.7'), at('/ip4/10.0.0.7')];
const peerOf = (name: string): PeerId => parsePeerId(peerIdOf(signerOf(seedFrom(name)).publicKey));
const [one, other] = [peerOf('one'), peerOf('other')];

function gateAt(now: () => number): ConnectionGate {
  return new ConnectionGate({ perPeer: { perSecond: 1, burst: 3 }, refusals: { perSecond: 1, burst: 2 }, sharedRanges: new SharedRanges(defaultSharedRanges) }, now);
}

test('a peer begins so many connections at once, and more as time goes by; others are not concerned', () => {
  let now = 0;
  const gate = gateAt(() => now);
  expect([1, 2, 3, 4].map(() => gate.admits(one, far))).toEqual([true, true, true, false]);
  expect(gate.admits(other, far)).toBe(true);
  now = 1000;
  expect([gate.admits(one, far), gate.admits(one, far)]).toEqual([true, false]);
});

test('an address of which many were refused is not shaken hands with for a while, but for shared ranges and relays', () => {
  let now = 0;
  const gate = gateAt(() => now);
  const relayed = at('/ip4/198.51.100.7/tcp/1/p2p/12D3KooWPREPMQKxJkY9pvz1nQz52f5X79QH8kA9xpjN5Qp8Gehc/p2p-circuit/ip4/198.51.100.7');
  for (const from of [far, shared]) for (let times = 0; times < 6; times += 1) gate.admits(one, from);
  expect([far, at('/ip4/203.0.113.9'), shared, relayed].map((from) => gate.lets(from))).toEqual([false, true, true, true]);
  now = 1000;
  expect(gate.lets(far)).toBe(true);
});
