import { SoukError, type FollowList, type KeyId } from '@souk/domain';
import type { PeerConfig } from '../config.ts';

/** What the settings say to follow; undefined for all logs. Throws BAD_CONFIG when they contradict each other. */
export function followList({ follow, followed, role }: Pick<PeerConfig, 'follow' | 'followed' | 'role'>): FollowList | undefined {
  if (follow === 'all') {
    if (followed) throw new SoukError('BAD_CONFIG', 'SOUK_FOLLOW_LIST says what to follow, and SOUK_FOLLOW that all is followed.', { hint: 'Set SOUK_FOLLOW=list, or take SOUK_FOLLOW_LIST away.' });
    return undefined;
  }
  if (role !== 'leaf') throw new SoukError('BAD_CONFIG', `A peer of role ${role} follows all logs, because others get them from it.`, { hint: 'Set SOUK_ROLE=leaf, or take SOUK_FOLLOW away.' });
  const isKey = (entry: string): entry is KeyId => entry.startsWith('z6Mk');
  return { publishers: (followed ?? []).filter(isKey), names: (followed ?? []).filter((entry) => !isKey(entry)) };
}
