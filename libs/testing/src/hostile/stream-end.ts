import type { Stream } from '@libp2p/interface';

/** How a stream of libp2p ends: `closed` in good order, `reset` or `aborted`. Ask before what ends it. */
export function streamEnd(stream: Pick<Stream, 'status' | 'addEventListener'>): Promise<string> {
  return stream.status === 'open' ? new Promise((resolve) => stream.addEventListener('close', () => resolve(stream.status))) : Promise.resolve(stream.status);
}
