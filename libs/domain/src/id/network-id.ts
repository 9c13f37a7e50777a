import { toHex } from './bytes.ts';
import { sha256Of } from './cid.ts';

const domain = new TextEncoder().encode('souk/network/1\0');

/** What a network is called without telling its key: `open`, or 16 hexadecimal digits of a hash of the key. */
export function networkIdOf(networkKey: Uint8Array | undefined): string {
  return networkKey === undefined ? 'open' : toHex(sha256Of(domain, networkKey)).slice(0, 16);
}
