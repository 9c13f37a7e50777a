import { fromBase64, toBase64 } from '../id/bytes.ts';
import { SoukError } from '../errors/souk-error.ts';
import { verifyCharter, type Charter, type CharterRealm, type SignedCharter } from './charter.ts';

const first = 'souk-charter1';
const line = 76;

/** A charter as a text file: a first line that says what it is, the signature, and the signed bytes in lines of 76, all base64url. */
export function formatCharter({ bytes, signature }: SignedCharter): string {
  const text = toBase64(bytes);
  const lines = Array.from({ length: Math.ceil(text.length / line) }, (_, at) => text.slice(at * line, (at + 1) * line));
  return `${[first, toBase64(signature), ...lines].join('\n')}\n`;
}

/** Reads such a text and checks the charter in it. Throws BAD_CHARTER, BAD_SIGNATURE, UPGRADE_NEEDED. */
export function parseCharter(text: string, realm?: CharterRealm): Charter {
  const [head, signature = '', ...bytes] = text.trim().split(/\s+/);
  if (head !== first) throw new SoukError('BAD_CHARTER', 'That is not a charter.', { hint: `A charter is a text whose first line is ${first}; souk network create writes one.` });
  return verifyCharter({ bytes: fromBase64(bytes.join('')), signature: fromBase64(signature) }, realm);
}
