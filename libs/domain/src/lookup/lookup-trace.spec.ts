import { expect, test } from '@jest/globals';
import { LookupTrace, maxTrace } from './lookup-trace.ts';

test('a trace has each step in the order in which it began, with what came of it by then', () => {
  let now = 1000;
  const trace = new LookupTrace(() => now);
  trace.begin('hot').end({ outcome: 'nobody' });
  now += 2;
  const first = trace.begin('super', { peer: 'a' });
  now += 200;
  trace.begin('super', { peer: 'b', hedged: true });
  now += 5;
  first.drop('me', 'this peer itself');
  first.end({ outcome: 'found', providers: 1 });
  trace.skip('dht', 'there is none');
  expect(trace.steps()).toEqual([
    { tier: 'hot', outcome: 'nobody', providers: 0, hedged: false, beganMs: 0, tookMs: 0, dropped: [] },
    { tier: 'super', peer: 'a', outcome: 'found', providers: 1, hedged: false, beganMs: 2, tookMs: 205, dropped: [{ peer: 'me', why: 'this peer itself' }] },
    { tier: 'super', peer: 'b', outcome: 'waiting', providers: 0, hedged: true, beganMs: 202, dropped: [] },
    { tier: 'dht', outcome: 'skipped', providers: 0, hedged: false, beganMs: 207, why: 'there is none', dropped: [] },
  ]);
});

test('a trace does not grow without end', () => {
  const trace = new LookupTrace(() => 0);
  for (let at = 0; at < 100; at += 1) {
    const step = trace.begin('super');
    for (let peer = 0; peer < 100; peer += 1) step.drop(`${peer}`, 'late');
    step.end({ outcome: 'nobody' });
    trace.skip('dht', 'no');
  }
  expect(trace.steps()).toHaveLength(maxTrace.steps);
  expect(trace.steps()[0]?.dropped).toHaveLength(maxTrace.dropped);
});
