import { test } from '@jest/globals';
import { natsIsSince, natsProgram } from './nats-program.ts';

type Declare = (name: string, check: () => Promise<void>) => void;

/** Declares a test that needs a real nats-server: `test` where there is one, else a skipped test. */
export const natsTest: Declare = natsProgram() === undefined ? test.skip : test;

/** The same for what only nats-server 2.`minor` and later do. */
export const natsTestSince = (minor: number): Declare => (natsIsSince(minor) ? test : test.skip);
