import { test } from '@jest/globals';
import { natsProgram } from './nats-program.ts';

/** Declares a test that needs a real nats-server: `test` where there is one, else a skipped test. */
export const natsTest: (name: string, check: () => Promise<void>) => void = natsProgram() === undefined ? test.skip : test;
