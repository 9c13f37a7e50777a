import { connect } from 'node:net';

const begin = Buffer.from('INFO ');

/** A server's host and port. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/**
 * Resolves when a NATS server answers at an address: it speaks first, one line that begins with INFO. Asked before the client library
 * is, because that cannot be stopped while it connects, and never closes a connection on which nobody says anything.
 * Rejects when nobody, or something else, answers in time, and when the signal aborts.
 */
export function greeting({ host, port }: HostPort, timeoutMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    let said = Buffer.alloc(0);
    const settle = (failure?: string): void => {
      socket.destroy();
      if (failure === undefined) resolve();
      else reject(new Error(failure));
    };
    const timer = setTimeout(() => settle(`${host}:${port} does not answer`), timeoutMs);
    socket.on('data', (bytes) => {
      said = Buffer.concat([said, bytes]);
      if (!begin.subarray(0, said.length).equals(said.subarray(0, begin.length))) settle(`${host}:${port} is no NATS server`);
      else if (said.length >= begin.length) settle();
    });
    socket.on('error', (error) => settle(`${host}:${port} cannot be reached (${'code' in error ? String(error.code) : error.message})`));
    socket.on('close', () => {
      clearTimeout(timer);
      settle(`${host}:${port} closes connections at once`);
    });
  });
}
