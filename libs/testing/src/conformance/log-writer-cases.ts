import { expect } from '@jest/globals';
import { keyId, signerOf, seedFrom, type LogStore } from '@souk/domain';
import type { Cases } from './suite.ts';
import { chain } from './log-words.ts';

const key = (name: string) => keyId(signerOf(seedFrom(name)).publicKey);

/** Keys that write here. */
export const logWriterCases: Cases<LogStore> = {
  'writers are noted once, in order, whether or not their logs are held': async (logs) => {
    expect(await logs.writers()).toEqual([]);
    await logs.append(chain('ada', 2));
    await logs.addWriters([key('bob')]);
    await Promise.all([logs.addWriters([key('ada'), key('bob')]), logs.addWriters([key('cy'), key('cy')])]);
    await logs.addWriters([]);
    expect(await logs.writers()).toEqual([key('bob'), key('ada'), key('cy')]);
    expect(await logs.size()).toMatchObject({ logs: 1, records: 2 });
  },
  'a closed store tells and notes no writers': async (logs) => {
    await logs.close();
    await expect(logs.addWriters([key('ada')])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(logs.writers()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  },
};
