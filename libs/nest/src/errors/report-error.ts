import { isSoukError, SoukError, toErrorBody, type ErrorBody } from '@souk/domain';
import type { Log } from '../log/log.ts';
import { currentTrace, newTrace } from '../trace/trace.ts';

/** Exit codes of the error table that mean "something is broken here", not "the caller asked for too much". */
const brokenHere = new Set([7, 70]);
const mostMessageCharacters = 4_096;
const mostDetailCharacters = 65_536;

/**
 * Turns whatever was thrown into the error that may be shown, and logs it once when it is worth it: a bug (anything that is not
 * a SoukError) with its stack, and a SoukError that blames this machine. An error that came from another service carries the
 * trace id of the service that logged it, and is not logged again.
 */
export function reportError(error: unknown, log: Log, what: string): SoukError {
  const traceId = (currentTrace() ?? newTrace()).traceId;
  if (!isSoukError(error)) {
    log.error(`${what} failed: a bug`, { error, traceId });
    const body = toErrorBody(error, traceId);
    return new SoukError('INTERNAL', body.message, { hint: body.hint, traceId, cause: error });
  }
  if (error.traceId !== undefined) return error;
  if (brokenHere.has(error.entry.exit)) log.error(`${what} failed: ${error.code}`, { error, traceId });
  return new SoukError(error.code, error.message, { hint: error.hint, details: error.details, cause: error, traceId });
}

/** The body of an error, cut to what its schema and one message can hold. */
export function boundedErrorBody(error: SoukError): ErrorBody {
  const body = toErrorBody(error);
  return {
    ...body,
    message: body.message.slice(0, mostMessageCharacters),
    ...(body.hint ? { hint: body.hint.slice(0, mostMessageCharacters) } : {}),
    ...(body.details ? { details: boundedDetails(body.details) } : {}),
  };
}

function boundedDetails(details: Record<string, unknown>): Record<string, unknown> {
  try {
    return JSON.stringify(details).length <= mostDetailCharacters ? details : { omitted: 'The details were too long.' };
  } catch {
    return { omitted: 'The details were not JSON.' };
  }
}
