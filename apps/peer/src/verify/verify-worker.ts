import { parentPort } from 'node:worker_threads';
import { isSoukError, toErrorBody, verify, type SignedRecord } from '@souk/domain';
import { serveTasks } from '../bulk/thread-tasks.ts';
import type { VerifiedSlice } from './verifier-threads.ts';

if (!parentPort) throw new Error('this file is the entry of a worker thread');

function verifySlice(records: readonly SignedRecord[]): VerifiedSlice {
  for (const [sound, record] of records.entries()) {
    try {
      verify(record);
    } catch (error) {
      if (!isSoukError(error)) throw error;
      return { sound, problem: toErrorBody(error) };
    }
  }
  return { sound: records.length };
}

serveTasks(parentPort, {
  verify: async (records) => verifySlice(records as readonly SignedRecord[]),
  close: async () => undefined,
});
