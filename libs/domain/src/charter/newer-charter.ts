import { sameBytes } from '../id/bytes.ts';
import { verifyCharter, type Charter, type CharterRealm, type SignedCharter } from './charter.ts';

/**
 * The charter that was told, when it is to take the place of the one that is held: it is of the realm and has a higher version. Undefined for an
 * older one and for the same; of two of one version the one that was held first stays, until there is a higher one.
 * Throws BAD_CHARTER, BAD_SIGNATURE, UPGRADE_NEEDED.
 */
export function newerCharter(held: Charter | undefined, told: SignedCharter, realm: CharterRealm): Charter | undefined {
  if (held && sameBytes(held.signed.bytes, told.bytes)) return undefined;
  const charter = verifyCharter(told, realm);
  return held && held.version >= charter.version ? undefined : charter;
}
