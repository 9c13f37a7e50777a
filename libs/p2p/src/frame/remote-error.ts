import { isErrorCode, isSoukError, SoukError } from '@souk/domain';

/** The error that a peer's `error` frame stands for; codes that we do not know become UNAVAILABLE. */
export function remoteError(frame: { readonly code: string; readonly message: string }): SoukError {
  return new SoukError(isErrorCode(frame.code) ? frame.code : 'UNAVAILABLE', `The peer said: ${frame.message.slice(0, 200)}`);
}

/** The frame that tells a peer why it gets no answer. What is not a SoukError shows nothing of itself. */
export function errorFrame(error: unknown): { t: 'error'; code: string; message: string } {
  if (!isSoukError(error)) return { t: 'error', code: 'INTERNAL', message: 'Something went wrong.' };
  return { t: 'error', code: error.code, message: error.message.slice(0, 1000) };
}
