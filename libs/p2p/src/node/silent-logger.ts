import type { ComponentLogger, Logger } from '@libp2p/interface';

function silence(): void {
  // Nobody listens.
}

const silent: Logger = Object.assign(silence, { enabled: false, error: silence, trace: silence, newScope: () => silent });

/**
 * One logger that says nothing, for all of libp2p in this process: its own makes a handful of functions for each of some thirty components of a node,
 * and more for each connection and stream. What matters of links and exchanges is said by `PeerLog`.
 */
export const silentLogger: ComponentLogger = { forComponent: () => silent };
