import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { InlineRecordVerifier } from '@souk/domain';
import { silentLog } from '@souk/nest';
import { author, LogWriter } from '@souk/testing/builders';
import { recordVerifierConformance } from '@souk/testing/conformance';
import { TestPeer } from '../testing/test-peer.ts';
import { VerifierThreads } from './verifier-threads.ts';

const inline = (): InlineRecordVerifier => new InlineRecordVerifier(nextTurn);

recordVerifierConformance('InlineRecordVerifier', async () => {
  const store = inline();
  return { store, cleanup: () => store.close() };
});
recordVerifierConformance('VerifierThreads', async () => {
  const store = new VerifierThreads(inline(), silentLog);
  return { store, cleanup: () => store.close() };
});

test('few records are verified here, many in threads, which are there only then', async () => {
  const writer = new LogWriter('threads');
  for (let index = 0; index < 200; index++) writer.writeBytes('note', Uint8Array.of(1));
  const verifier = new VerifierThreads(inline(), silentLog);
  try {
    await verifier.verifyRun(writer.records.slice(0, 5));
    expect(verifier.running).toBe(0);
    await verifier.verifyRun(writer.records);
    expect(verifier.running).toBeGreaterThan(0);
  } finally {
    await verifier.close();
  }
  expect(verifier.running).toBe(0);
});

test('what comes by sync is verified in threads', async () => {
  await using first = await TestPeer.start();
  const ada = author('ada');
  for (let index = 0; index < 200; index++) ada.device.write('star', { name: 'star', on: index % 2 === 0 });
  await first.append(...ada.records);
  await using second = await TestPeer.start({ env: { SOUK_JOIN: await first.invite() } });
  expect((await second.runtime.data.logs.size()).records).toBe(ada.records.length);
  expect(second.runtime.verifier.running).toBeGreaterThan(0);
});
