import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';

/** Connects to a server on loopback, sends one byte and waits for its echo. */
export async function rawConnection(): Promise<void> {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write('1');
    await once(socket, 'data');
    socket.destroy();
  } finally {
    server.close();
  }
}
