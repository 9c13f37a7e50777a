import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';

/** Where a peer keeps its data and answers others, as far as it was said. */
export interface FirstPeer {
  readonly dataDir: string;
  readonly p2pPort?: number | undefined;
}

/**
 * What each peer of a site gets as its environment beside what all of them get. The primary has the data folder that was given, the others have
 * theirs beside it. Only where none of the folders exists the site is new for certain: then its network gets a key; else peers ask each other.
 */
export function peerPlaces({ dataDir, p2pPort }: FirstPeer, peers: number, given: Readonly<Record<string, string>>): Record<string, string>[] {
  const folders = Array.from({ length: peers }, (_, ordinal) => (ordinal === 0 ? dataDir : `${dataDir}-${ordinal}`));
  const isTold = ['SOUK_JOIN', 'SOUK_NETWORK_KEY', 'SOUK_NETWORK'].some((name) => given[name] !== undefined);
  const isNew = peers > 1 && !isTold && !folders.some((folder) => existsSync(folder));
  const network: Record<string, string> = isNew ? { SOUK_NETWORK_KEY: randomBytes(32).toString('hex') } : {};
  return folders.map((folder, ordinal) => ({
    SOUK_DATA: folder,
    SOUK_ORDINAL: String(ordinal),
    ...network,
    ...(p2pPort === undefined || p2pPort === 0 ? {} : { SOUK_P2P_PORT: String(p2pPort + ordinal) }),
  }));
}
