import { SoukError } from '@souk/domain';
import type { Gateway } from '../gateway/gateway.ts';
import type { Home } from '../home/home.ts';
import type { Identity } from '../home/identity.ts';
import { openOwnLog, type OwnLog } from '../home/own-log.ts';
import { publisherAt } from './reconcile.ts';

/**
 * The logs of the publisher's root keys, the current one last: those of this computer, or on a computer that joined, those that the site knows, to be
 * read and verified. Throws PUBLISHER_NOT_FOUND where the site does not know whom this computer joined.
 */
export async function openRoots(home: Home, identity: Identity, gateway: Gateway): Promise<OwnLog[]> {
  const { publisher, root, roots } = identity;
  if (root) return Promise.all(roots.map((key) => openOwnLog(home.logs, key)));
  const doc = await publisherAt(gateway, publisher);
  if (!doc) throw new SoukError('PUBLISHER_NOT_FOUND', `This site does not know the publisher ${publisher} yet.`, { hint: 'Ask a site that has its records, or try again when they have arrived.', details: { id: publisher } });
  const others = doc.keys.filter((one) => one.role === 'root' && one.key !== publisher).map((one) => one.key);
  return Promise.all([publisher, ...others].map((key) => openOwnLog(home.logs, key)));
}
