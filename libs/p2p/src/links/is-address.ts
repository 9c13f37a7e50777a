import { multiaddr } from '@multiformats/multiaddr';

/** Whether a text that others sent is a multiaddr. */
export function isAddress(text: string): boolean {
  try {
    multiaddr(text);
    return true;
  } catch {
    return false;
  }
}
