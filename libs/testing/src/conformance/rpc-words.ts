import { event, request, stream } from '@souk/contracts';
import { isSoukError, type SoukError } from '@souk/domain';
import { z } from 'zod';

/** A request with a default in its input and an optional part in its output. */
export const greet = request('souk.suite.v1.greet', {
  input: z.object({ name: z.string().min(1), times: z.number().int().default(1), tags: z.array(z.string()).optional() }),
  output: z.object({ text: z.string(), tags: z.array(z.string()).optional() }),
  timeoutMs: 10_000,
});

/** The subject of `greet` as a caller of another version sees it: anything may be sent, a number comes back. */
export const otherGreet = request(greet.subject, { input: z.unknown(), output: z.number(), timeoutMs: 10_000 });

/** A second request, for calls within calls. */
export const relay = request('souk.suite.v1.relay', { input: z.object({}), output: z.object({ traceparents: z.array(z.string()) }), timeoutMs: 10_000 });

/** A request to one of several peers. */
export const whichPeer = request('souk.suite.v1.{ordinal}.which', { input: z.object({}), output: z.object({ ordinal: z.number() }), timeoutMs: 10_000 });

/** A stream of numbered items, as large as wished. */
export const count = stream('souk.suite.v1.count', {
  input: z.object({ to: z.number().int(), bytes: z.number().int().default(0) }),
  item: z.object({ n: z.number().int(), padding: z.string() }),
  timeoutMs: 10_000,
});

/** Something that happened. */
export const happened = event('souk.event.v1.suite', z.object({ n: z.number().int(), padding: z.string().default('') }));

/** The items of `count`. */
export async function* counted(input: { to: number; bytes: number }): AsyncGenerator<{ n: number; padding: string }> {
  for (let n = 0; n < input.to; n += 1) yield { n, padding: 'x'.repeat(input.bytes) };
}

/** The SoukError that a promise rejects with; fails when it resolves or rejects with anything else. */
export async function failureOf(outcome: Promise<unknown>): Promise<SoukError> {
  const error: unknown = await outcome.then(
    (value) => new Error(`resolved with ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (isSoukError(error)) return error;
  throw error;
}

/** Resolves when a signal aborts. */
export function abortOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Never resolves. */
export function forever(): Promise<never> {
  return new Promise(() => {});
}
