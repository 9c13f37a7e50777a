import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Sends so many bytes over one TCP connection on loopback and waits until they have arrived. */
export async function rawStream(bytes: number): Promise<void> {
  const piece = Buffer.alloc(65_536, 7);
  const server = createServer((socket) => void fill(socket, piece, bytes)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let received = 0;
  for await (const data of socket) received += (data as Buffer).length;
  server.close();
  if (received !== bytes) throw new Error(`${received} of ${bytes} bytes arrived`);
}

async function fill(socket: Socket, piece: Buffer, bytes: number): Promise<void> {
  for (let left = bytes; left > 0; left -= piece.length) {
    if (!socket.write(piece.subarray(0, left))) await once(socket, 'drain');
  }
  socket.end();
}
