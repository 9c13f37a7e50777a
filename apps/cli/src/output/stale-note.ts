import type { Staleness } from '@souk/contracts';
import type { Context } from '../context.ts';
import { agoText } from './ago.ts';

/** Says in one line that a site may not know the newest, when its answer says so. */
export function noteStale({ host, out }: Context, stale: Staleness | undefined): void {
  if (!stale) return;
  const since = stale.since === undefined ? '' : `since ${stale.since} (${agoText(stale.since, host.now())}) `;
  out.note(`This site may not know the newest: ${since}too few super-peers have attested what it holds. See: souk network supers`);
}
