import { serverOf } from '@souk/contracts';
import { SoukError } from '@souk/domain';

/** UNAVAILABLE because nobody listens. */
export function noListener(subject: string): SoukError {
  return new SoukError('UNAVAILABLE', `Nobody answers ${subject}.`, { hint: `Is the ${serverOf(subject)} service of this site running? Try again in a moment.` });
}
