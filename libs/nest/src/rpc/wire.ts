import { SoukError } from '@souk/domain';

/**
 * Header names of the rpc protocol. A request carries `deadline` or `window`; an answer carries `kind` (and `seq` in a stream);
 * a control message to `<subject>.control` carries `call`, the reply subject of the call that is meant, and `control`.
 * Whoever serves a call that carries `alive` says `kind: alive` now and then, so that a caller notices when it has died.
 */
export const header = {
  traceparent: 'traceparent',
  /** Milliseconds after which the caller of a request has given up. */
  deadline: 'souk-deadline-ms',
  /** Bytes of items that the caller of a stream can hold. */
  window: 'souk-window',
  /** Milliseconds between the signs of life of the caller of a stream. */
  heartbeat: 'souk-heartbeat-ms',
  /** `1` when the caller wants signs of life while it waits. */
  alive: 'souk-alive',
  /** What an answer is: `value`, `end` or `error`; `alive` is none yet. */
  kind: 'souk-kind',
  /** Position of an answer in its stream, from 0, so that a lost one is noticed. */
  seq: 'souk-seq',
  call: 'souk-call',
  /** `cancel`, or `grant` with `amount` more bytes; a grant of 0 is a sign of life. */
  control: 'souk-control',
  amount: 'souk-amount',
} as const;

/** Milliseconds between the signs of life of whoever serves a call. */
export const aliveMs = 1_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** The JSON bytes of a value; none for undefined. */
export function encode(value: unknown): Uint8Array {
  return value === undefined ? new Uint8Array() : encoder.encode(JSON.stringify(value));
}

/** The value of JSON bytes. Throws BAD_JSON for anything else. */
export function decode(bytes: Uint8Array): unknown {
  if (bytes.byteLength === 0) return undefined;
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (error) {
    throw new SoukError('BAD_JSON', 'A message is not JSON.', { cause: error });
  }
}

/** A whole number that a header holds; the fallback when it is missing or anything else. */
export function numberHeader(text: string | undefined, fallback: number): number {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : fallback;
}

/** What an item counts against a stream's window: its bytes, and something for being an item at all. */
export function itemCost(bytes: number): number {
  return bytes + 64;
}
