import type { PeerLog } from '@souk/p2p';

/** A log of which only errors are printed. */
export const quietLog: PeerLog = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: (message, facts) => console.error(message, facts) };
