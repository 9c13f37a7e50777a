import type { LogStore } from '@souk/domain';
import { appendCases } from './log-append-cases.ts';
import { forkCases } from './log-fork-cases.ts';
import { orderCases } from './log-order-cases.ts';
import { readCases } from './log-read-cases.ts';
import { logWriterCases } from './log-writer-cases.ts';
import { declareSuite, type Open } from './suite.ts';

/** Declares the tests that every `LogStore` must pass. */
export function logStoreConformance(name: string, open: Open<LogStore>): void {
  declareSuite(name, open, { ...appendCases, ...forkCases, ...readCases, ...logWriterCases, ...orderCases });
}
