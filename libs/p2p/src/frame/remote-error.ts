import { isErrorCode, isSoukError, SoukError } from '@souk/domain';

/** Codes of what happened to the side that says so: said by a peer they would be read as something that happened here, for which nobody is blamed. */
const ofTheSpeaker: ReadonlySet<string> = new Set(['CANCELLED', 'TIMEOUT', 'INTERNAL', 'BAD_CONFIG', 'STORAGE_FULL', 'STORAGE_DENIED', 'STORAGE_CORRUPT', 'STORAGE_VERSION', 'STORAGE_LOCKED']);

/** The error that a peer's `error` frame stands for; codes that we do not know, or that tell of the peer's own state, become UNAVAILABLE. */
export function remoteError(frame: { readonly code: string; readonly message: string }): SoukError {
  return new SoukError(isErrorCode(frame.code) && !ofTheSpeaker.has(frame.code) ? frame.code : 'UNAVAILABLE', `The peer said: ${frame.message.slice(0, 200)}`);
}

/** The frame that tells a peer why it gets no answer. What is not a SoukError shows nothing of itself. */
export function errorFrame(error: unknown): { t: 'error'; code: string; message: string } {
  if (!isSoukError(error)) return { t: 'error', code: 'INTERNAL', message: 'Something went wrong.' };
  return { t: 'error', code: error.code, message: error.message.slice(0, 1000) };
}
