import { isSoukError } from '@souk/domain';
import { createPeerNode, type PeerNode } from '@souk/p2p';
import { peerPortInUse, portOf, type Remembered } from './remembered.ts';

type NodeNeeds = Parameters<typeof createPeerNode>[0];
type NodeOptions = Parameters<typeof createPeerNode>[1];

/** Where a node listens. */
export interface Listening {
  readonly host: string;
  /** Undefined: the port of the last start when it is free, else any. */
  readonly port: number | undefined;
}

async function startOn(port: number, host: string, needs: NodeNeeds, options: NodeOptions): Promise<PeerNode> {
  const node = await createPeerNode(needs, { ...options, listen: [`/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/tcp/${port}`] });
  try {
    await node.start();
    return node;
  } catch (error) {
    await node.stop();
    throw isSoukError(error) && error.code === 'PORT_IN_USE' ? peerPortInUse(port, error) : error;
  }
}

/** Starts a node and remembers its port, so that invites go on working after a restart. Throws PORT_IN_USE when a port was asked for and is taken. */
export async function startNode(needs: NodeNeeds, options: NodeOptions, listening: Listening, remembered: Remembered): Promise<PeerNode> {
  const { host, port } = listening;
  const wish = port ?? remembered.port ?? 0;
  const node = await startOn(wish, host, needs, options).catch((error: unknown) => {
    if (port === undefined && wish !== 0 && isSoukError(error) && error.code === 'PORT_IN_USE') return startOn(0, host, needs, options);
    throw error;
  });
  const listened = portOf(node.multiaddrs()[0]);
  if (listened !== undefined) remembered.keep({ port: listened });
  return node;
}
