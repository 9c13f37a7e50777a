import type { z } from 'zod';

/** What a request promises: its subject, its schemas and how long the caller waits unless it says otherwise. */
export interface RequestContract<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  readonly type: 'request';
  /** NATS subject; `{ordinal}` stands for the ordinal of the peer that is meant. */
  readonly subject: string;
  readonly input: Input;
  readonly output: Output;
  readonly timeoutMs: number;
}

/** A request that answers with many values, the last of which ends it. The timeout is counted anew with each value. */
export interface StreamContract<Input extends z.ZodType = z.ZodType, Item extends z.ZodType = z.ZodType> {
  readonly type: 'stream';
  readonly subject: string;
  readonly input: Input;
  readonly item: Item;
  readonly timeoutMs: number;
}

/** Something that happened, told to whoever listens, at most once. */
export interface EventContract<Payload extends z.ZodType = z.ZodType> {
  readonly type: 'event';
  readonly subject: string;
  readonly payload: Payload;
}

/** Declares a request. */
export function request<I extends z.ZodType, O extends z.ZodType>(subject: string, shape: { input: I; output: O; timeoutMs: number }): RequestContract<I, O> {
  return { type: 'request', subject, ...shape };
}

/** Declares a request with a stream of answers. */
export function stream<I extends z.ZodType, O extends z.ZodType>(subject: string, shape: { input: I; item: O; timeoutMs: number }): StreamContract<I, O> {
  return { type: 'stream', subject, ...shape };
}

/** Declares an event. */
export function event<P extends z.ZodType>(subject: string, payload: P): EventContract<P> {
  return { type: 'event', subject, payload };
}

/** Most bytes of one encoded message inside a site: NATS's own default. What is larger travels as a blob over HTTP. */
export const maxMessageBytes = 1_048_576;
