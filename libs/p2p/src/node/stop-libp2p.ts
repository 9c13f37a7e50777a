import type { FullLibp2p } from './create-libp2p-node.ts';

/** How long a link may take to send what is queued, in milliseconds. */
const closeMs = 100;

interface Debounced {
  stop?(): void;
}

/** Timers that libp2p 3.3, identify 4.1 and gossipsub 17.1 leave running when they stop; each would keep the process alive for a while. */
interface Internals {
  readonly components?: { readonly addressManager?: { readonly _updatePeerStoreAddresses?: Debounced } };
  readonly services?: { readonly identifyPush?: { readonly _push?: Debounced }; readonly pubsub?: { readonly status?: { readonly heartbeatTimeout?: NodeJS.Timeout } } };
}

/** Closes every link, then stops libp2p; leaves no timer behind. */
export async function stopLibp2p(libp2p: FullLibp2p): Promise<void> {
  const internals = libp2p as unknown as Internals;
  // libp2p's own stop waits half a second for links whose last write was cut off; these are aborted much sooner here.
  const closing = libp2p.getConnections().map(async (connection) => {
    try {
      await connection.close({ signal: AbortSignal.timeout(closeMs) });
    } catch (error) {
      connection.abort(error instanceof Error ? error : new Error(String(error)));
    }
  });
  await Promise.all(closing);
  clearTimeout(internals.services?.pubsub?.status?.heartbeatTimeout);
  await libp2p.stop();
  internals.services?.identifyPush?._push?.stop?.();
  internals.components?.addressManager?._updatePeerStoreAddresses?.stop?.();
}
