import { isSoukError, keyId, signerOf, type KeyStore, type LogStore } from '@souk/domain';
import { siteKeyName } from '../site-log/site-log.ts';
import type { SiteCalls } from './site-calls.ts';

/** What copying the site's key needs. */
export interface SiteKeyNeeds {
  readonly keys: Pick<KeyStore, 'get' | 'create'>;
  readonly siteLogs: Pick<LogStore, 'size' | 'since'>;
  readonly calls: Pick<SiteCalls, 'siteKey'>;
}

/**
 * Takes the key that signs the site log from the first of some siblings that has it, when there is such a log here and no key: so the site keeps
 * its key when its primary's disk is lost, and readers of the log go on where they are. Whether the key is here then.
 */
export async function copySiteKey({ keys, siteLogs, calls }: SiteKeyNeeds, ordinals: readonly number[]): Promise<boolean> {
  const { arrival } = await siteLogs.size();
  const [newest] = arrival === 0 ? [] : await siteLogs.since(arrival - 1, 1);
  if (!newest) return false;
  if (await keys.get(siteKeyName)) return true;
  for (const ordinal of ordinals) {
    const seed = await calls.siteKey(ordinal).catch((error: unknown) => {
      if (!isSoukError(error)) throw error;
      return undefined;
    });
    if (!seed || keyId(signerOf(seed).publicKey) !== newest.record.key) continue;
    await keys.create(siteKeyName, seed);
    return true;
  }
  return false;
}
