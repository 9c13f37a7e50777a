import { SoukError } from '@souk/domain';
import type { PeerConfig } from '../config.ts';

/**
 * The multiaddrs that this peer tells others instead of those it listens on, undefined where none were given: those for every pod and those
 * for its own. Throws BAD_CONFIG when all of them are meant for other pods.
 */
export function announcedAddresses({ announce, pod }: Pick<PeerConfig, 'announce' | 'pod'>): readonly string[] | undefined {
  if (announce === undefined) return undefined;
  const own = announce.flatMap((entry) => {
    const [whose, address] = entry.startsWith('/') ? [pod, entry] : [entry.slice(0, entry.indexOf('@')), entry.slice(entry.indexOf('@') + 1)];
    return whose === pod ? [address] : [];
  });
  if (own.length > 0) return own;
  throw new SoukError('BAD_CONFIG', `SOUK_P2P_ANNOUNCE has no address for ${pod === undefined ? 'a peer without SOUK_POD' : `the pod ${pod}`}.`, {
    hint: 'Add one that begins with the name of the pod and an @, or one without a name, which is for all of them.',
  });
}
