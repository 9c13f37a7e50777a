import { expect, test } from '@jest/globals';
import { headMoved } from '@souk/contracts';
import { Metrics } from '@souk/nest';
import { LogWriter } from '@souk/testing';
import { TestPeer } from '../testing/test-peer.ts';

test('what one other peer introduces in a day is bounded by configuration, and counted', async () => {
  const metrics = new Metrics();
  await using there = await TestPeer.start();
  const junk = Array.from({ length: 1100 }, (_, at) => new LogWriter(`junk/${at}`).writeBytes('note', Uint8Array.of(0xa0)));
  for (let at = 0; at < junk.length; at += 500) await there.runtime.data.logs.append(junk.slice(at, at + 500));
  await using here = await TestPeer.start({ metrics, env: { SOUK_JOIN: await there.invite(), SOUK_INTRODUCED_LOGS: '1000' } });
  const news = here.hears(headMoved);
  while ((await here.runtime.data.logs.size()).logs < 1000) await news.next();
  news.stop();
  await here.runtime.node.syncWith(there.runtime.node.peerId);
  expect((await here.runtime.data.logs.size()).logs).toBe(1000);
  expect((await metrics.text()).body).toMatch(/^souk_introductions_deferred_total [1-9]/m);
  await expect(TestPeer.start({ env: { SOUK_INTRODUCED_BYTES: '0' } })).rejects.toMatchObject({ code: 'BAD_CONFIG' });
});
