import { SoukError } from '../errors/souk-error.ts';

/** UNAVAILABLE: a store was used after it was closed. `what` names it, as in "log store". */
export function storeClosed(what: string): SoukError {
  return new SoukError('UNAVAILABLE', `The ${what} is closed.`, { hint: 'The site is stopping; try again when it runs.' });
}
