import { z } from 'zod';
import { errorTable, isErrorCode, type ErrorCode, type ErrorEntry } from './error-table.ts';

/** What a SoukError carries beside its message. */
export interface SoukErrorOptions {
  /** What the reader can do about it, as a sentence. */
  readonly hint?: string;
  /** Facts for programs; JSON values only. */
  readonly details?: Record<string, unknown>;
  /** What led to it; stays in this process and its log. */
  readonly cause?: unknown;
  /** Trace that the error belongs to, shown to people who report it. */
  readonly traceId?: string;
}

/** The body of every error on HTTP, NATS, libp2p and in the command line's JSON. */
export const ErrorBody = z
  .object({
    code: z.string().max(64),
    message: z.string().max(8192),
    hint: z.string().max(8192).optional(),
    details: z.record(z.string(), z.unknown()).optional(),
    traceId: z.string().max(64).optional(),
  })
  .meta({ id: 'Error' });
export type ErrorBody = z.infer<typeof ErrorBody>;

/** The only error that is meant to be shown: what happened, why, what to do. Anything else is a bug. */
export class SoukError extends Error {
  override readonly name = 'SoukError';
  readonly code: ErrorCode;
  readonly hint?: string;
  readonly details?: Record<string, unknown>;
  readonly traceId?: string;

  constructor(code: ErrorCode, message: string, options: SoukErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.details = options.details;
    this.traceId = options.traceId;
  }

  /** The table's entry of this error's code. */
  get entry(): ErrorEntry {
    return errorTable[this.code];
  }
}

/** Whether a value is a SoukError, also one made by another copy of this module. */
export function isSoukError(value: unknown): value is SoukError {
  return value instanceof SoukError || (value instanceof Error && value.name === 'SoukError' && isErrorCode(String((value as SoukError).code)));
}

/** The body that crosses a process boundary. What is not a SoukError is a bug and shows nothing of itself. */
export function toErrorBody(error: unknown, traceId?: string): ErrorBody {
  if (!isSoukError(error)) {
    return { code: 'INTERNAL', message: 'Something went wrong inside Souk.', hint: 'Please report it with the trace id.', ...(traceId ? { traceId } : {}) };
  }
  const id = error.traceId ?? traceId;
  return {
    code: error.code,
    message: error.message,
    ...(error.hint ? { hint: error.hint } : {}),
    ...(error.details ? { details: error.details } : {}),
    ...(id ? { traceId: id } : {}),
  };
}

/** The error that a body stands for; an unknown shape or code becomes the given fallback code. */
export function fromErrorBody(body: unknown, fallback: ErrorCode = 'INTERNAL'): SoukError {
  const parsed = ErrorBody.safeParse(body);
  if (!parsed.success) return new SoukError(fallback, 'The answer was not understood.');
  const { code, message, hint, details, traceId } = parsed.data;
  return new SoukError(isErrorCode(code) ? code : fallback, message, { hint, details, traceId });
}
