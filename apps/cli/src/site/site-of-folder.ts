import { join } from 'node:path';
import { isSoukError, peerIdOf, signerOf, SoukError, type KeyStore } from '@souk/domain';
import { openKeyStore } from '@souk/store';

/** The peer id of the site that a data folder belongs to; undefined when its key is not there or can't be read. */
export async function peerOfFolder(folder: string): Promise<string | undefined> {
  try {
    const keys: KeyStore = await openKeyStore(join(folder, 'keys'));
    const seed = await keys.get('peer');
    return seed && peerIdOf(signerOf(seed).publicKey);
  } catch (error) {
    if (isSoukError(error)) return undefined;
    throw error;
  }
}

/** BAD_REQUEST: a data folder is not that of the site that answers. */
export function otherSite(folder: string, site: URL): SoukError {
  return new SoukError('BAD_REQUEST', `The data in ${folder} are not those of the site at ${site.origin}.`, { hint: 'Name the data folder of that site by --data, or the site of that folder by --site.', details: { data: folder, site: site.origin } });
}
