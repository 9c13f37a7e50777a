import type { EventContract, RequestContract, StreamContract } from '@souk/contracts';
import type { z } from 'zod';
import { callCases } from './rpc-call-cases.ts';
import { eventCases } from './rpc-event-cases.ts';
import { failureCases } from './rpc-failure-cases.ts';
import { streamCases } from './rpc-stream-cases.ts';
import { declareSuite, type Declare, type Open } from './suite.ts';

/** What a handler of the suite is told beside its input. */
export interface SuiteContext {
  readonly signal: AbortSignal;
  readonly traceparent: string;
}

/** One handler of a service, to be bound to its contract as the services of a site bind theirs. */
export type SuiteHandler =
  | { readonly on: RequestContract; readonly run: (input: never, context: SuiteContext) => unknown }
  | { readonly on: StreamContract; readonly endless?: boolean; readonly run: (input: never, context: SuiteContext) => AsyncIterable<unknown> }
  | { readonly on: EventContract; readonly queue?: string; readonly run: (payload: never, context: SuiteContext) => unknown };

/** How a call differs from its contract. */
export interface SuiteCallOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly ordinal?: number;
}

/** The calling side of a service. */
export interface SuiteCaller {
  call<I extends z.ZodType, O extends z.ZodType>(contract: RequestContract<I, O>, input: z.input<I>, options?: SuiteCallOptions): Promise<z.output<O>>;
  stream<I extends z.ZodType, O extends z.ZodType>(contract: StreamContract<I, O>, input: z.input<I>, options?: SuiteCallOptions): AsyncIterable<z.output<O>>;
  emit<P extends z.ZodType>(contract: EventContract<P>, payload: z.input<P>): Promise<void>;
}

/** A service that runs. */
export interface SuiteService {
  readonly rpc: SuiteCaller;
  /** Stops it gracefully. */
  close(): Promise<void>;
}

/** A site whose services share one transport. */
export interface SuiteSite {
  /** Starts a service with these handlers; resolves when they are reachable. */
  start(handlers: readonly SuiteHandler[], options?: { readonly ordinal?: number }): Promise<SuiteService>;
  /** Most bytes that one message may have. */
  readonly maxMessageBytes: number;
}

/** Declares the tests that calls, streams and events must pass on every transport. */
export function rpcTransportConformance(name: string, open: Open<SuiteSite>, declare?: Declare): void {
  declareSuite(`${name} request`, open, callCases, declare);
  declareSuite(`${name} failing request`, open, failureCases, declare);
  declareSuite(`${name} stream`, open, streamCases, declare);
  declareSuite(`${name} event`, open, eventCases, declare);
}
