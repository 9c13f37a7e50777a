import { expect } from '@jest/globals';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Cable, NatsServer, natsTest } from './index.ts';

/** Resolves when a connection is gone, however it went. */
const closed = (socket: Socket): Promise<unknown> => new Promise((resolve) => socket.once('close', resolve));

/** The first line that a server says to whoever connects. */
async function greeting(port: number): Promise<{ socket: Socket; info: Record<string, unknown> }> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  return { socket, info: JSON.parse(bytes.toString().slice('INFO '.length)) as Record<string, unknown> };
}

natsTest('a server starts with its configuration, and again on the same port with another', async () => {
  await using server = await NatsServer.start({ config: 'max_payload: 4096' });
  const { socket, info } = await greeting(server.port);
  expect(info).toMatchObject({ max_payload: 4096, headers: true });
  await Promise.all([closed(socket), server.stop('SIGKILL')]);
  const { port } = server;
  await server.restart('max_payload: 8192');
  expect(server.port).toBe(port);
  const again = await greeting(port);
  expect(again.info).toMatchObject({ max_payload: 8192 });
  again.socket.destroy();
});

natsTest('a wrong configuration is told in the words of the server', async () => {
  await expect(NatsServer.start({ config: 'max_payload: "much"' })).rejects.toThrow(/did not start:[^]*nats\.conf:1/);
});

natsTest('a cable can be cut, frozen and mended', async () => {
  await using server = await NatsServer.start();
  await using cable = await Cable.to(server.port);
  const { socket } = await greeting(cable.port);
  const gone = closed(socket);
  cable.cut();
  await gone;
  await closed(connect(cable.port, '127.0.0.1').on('error', () => {}));
  cable.mend();
  cable.freeze();
  const silent = connect(cable.port, '127.0.0.1');
  await once(silent, 'connect');
  const said = once(silent, 'data');
  cable.mend();
  await said;
  expect(cable.connections).toBe(3);
  silent.destroy();
});
