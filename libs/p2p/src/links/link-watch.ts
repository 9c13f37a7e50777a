import type { Connection } from '@libp2p/interface';
import type { FullLibp2p } from '../node/create-libp2p-node.ts';

/** Times of watching links, in milliseconds. */
export interface LinkWatchTimes {
  /** How often each link is asked whether it lives. */
  readonly everyMs: number;
  /** Longest wait for its answer. */
  readonly answerMs: number;
}

/** After its deadline an answer is looked for once more, in milliseconds: when it was this process that stood still, what came in time is read first. */
const lookAgainMs = 5;

/** What libp2p's interface leaves out of a connection: its muxer, of which yamux asks the other side with a frame of 12 bytes. */
interface Muxed {
  readonly muxer?: { ping?(): Promise<number> } | undefined;
}

/**
 * Asks each link now and then whether it lives, notes its round trip, and breaks one that gives no answer. Each link has a time of its own, so that a peer with
 * thousands of them does not ask all at once; and it is the muxer that asks: libp2p's own monitor opens a stream for each question, which costs both
 * sides ten times as much and keeps a closed stream for another ten seconds.
 */
export function watchLinks(libp2p: Pick<FullLibp2p, 'addEventListener'>, { everyMs, answerMs }: LinkWatchTimes): void {
  const timers = new Map<Connection, NodeJS.Timeout>();
  const later = (connection: Connection, ms: number, then: () => void): void => {
    clearTimeout(timers.get(connection));
    timers.set(connection, setTimeout(then, ms).unref());
  };
  const ask = (connection: Connection): void => {
    const { muxer } = connection as Connection & Muxed;
    if (!muxer?.ping) return;
    const isOver = (): void => connection.abort(new Error('the other side gave no answer'));
    later(connection, answerMs, () => later(connection, lookAgainMs, isOver));
    muxer.ping().then(
      (rtt) => {
        if (!timers.has(connection)) return;
        connection.rtt = rtt;
        later(connection, everyMs, () => ask(connection));
      },
      // A muxer that refuses to ask is closing; a link that outlives it is given up with the wait for its answer.
      () => undefined,
    );
  };
  libp2p.addEventListener('connection:open', ({ detail }: CustomEvent<Connection>) => {
    if (detail.status === 'open') later(detail, everyMs * (0.5 + Math.random() / 2), () => ask(detail));
  });
  libp2p.addEventListener('connection:close', ({ detail }: CustomEvent<Connection>) => {
    clearTimeout(timers.get(detail));
    timers.delete(detail);
  });
}
