import { serverOf } from '@souk/contracts';
import { isSoukError, SoukError } from '@souk/domain';

/** UNAVAILABLE because nobody listens. */
export function noListener(subject: string): SoukError {
  return new SoukError('UNAVAILABLE', `Nobody answers ${subject}.`, { hint: `Is the ${serverOf(subject)} service of this site running? Try again in a moment.`, details: { unserved: subject } });
}

/** Whether a call failed because nobody serves its subject: the service is not there, or of a version that does not know the contract. */
export function isUnserved(error: unknown): boolean {
  return isSoukError(error) && error.details?.['unserved'] !== undefined;
}
