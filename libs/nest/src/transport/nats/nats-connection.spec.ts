import { expect, test } from '@jest/globals';
import { Cable, NatsServer, natsTest } from '@souk/testing/nats';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { bytes, link, nextMessage, text } from './testing/link.ts';

/** A server that is no NATS server: does something with each connection, and knows how many are open. */
async function impostor(greet: (socket: Socket) => void): Promise<{ server: Server; port: number; open: Set<Socket> }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket.on('error', () => {}).on('close', () => open.delete(socket)));
    greet(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port, open };
}

natsTest('a connection that is opened before its server exists waits for it, and refuses to send meanwhile', async () => {
  await using server = await NatsServer.start();
  await server.stop();
  await using early = await link(server.port);
  const heard = nextMessage(early.connection, 'spec.a');
  expect(early.states).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)$/)]);
  expect(() => early.connection.publish('spec.a', bytes('x'))).toThrow(
    expect.objectContaining({ code: 'UNAVAILABLE', message: expect.stringContaining('cannot be reached'), hint: expect.stringContaining('connects again by itself') }),
  );
  await server.restart();
  await early.state(/connected/);
  early.connection.publish('spec.a', bytes('hello'), { headers: { k: 'v' } });
  expect(await heard).toEqual({ subject: 'spec.a', data: bytes('hello'), headers: { k: 'v' } });
});

natsTest('when the server is killed watchers are told, and when it is back the subscriptions are', async () => {
  await using server = await NatsServer.start();
  await using one = await link(server.port);
  await using other = await link(server.port, { name: 'other' });
  const lost = new Promise((resolve) => one.connection.watch({ lost: resolve, refused: () => {} }));
  const heard: string[] = [];
  one.connection.subscribe('spec.*', { queue: 'q' }, (message) => heard.push(text(message)));
  await server.stop('SIGKILL');
  expect(await lost).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('not connected to NATS') });
  await server.restart();
  await Promise.all([one, other].map(({ states, state }) => (states.splice(0), state(/^connected$/))));
  const end = nextMessage(one.connection, 'end');
  await one.connection.flush();
  for (const n of ['1', '2', '3']) other.connection.publish('spec.a', bytes(n));
  other.connection.publish('end', bytes(''));
  await end;
  expect(heard).toEqual(['1', '2', '3']);
});

natsTest('a server that hangs counts as dead after a while, and is used again when it goes on', async () => {
  await using server = await NatsServer.start();
  await using hanging = await link(server.port, { lifeSignMs: 300 });
  server.freeze();
  await hanging.state(/does not answer any more/);
  expect(() => hanging.connection.publish('a', bytes(''))).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
  hanging.states.splice(0);
  server.thaw();
  await hanging.state(/^connected$/);
});

natsTest('what a server does not take in is bounded: further messages are refused, not kept', async () => {
  await using server = await NatsServer.start();
  await using cable = await Cable.to(server.port);
  await using hanging = await link(cable.port);
  cable.freeze();
  const message = new Uint8Array(1_000_000);
  let sent = 0;
  const fill = (): void => {
    for (; sent < 1_000; sent += 1) hanging.connection.publish('a', message);
  };
  expect(fill).toThrow(expect.objectContaining({ code: 'UNAVAILABLE', message: expect.stringContaining('too slowly') }));
  expect(sent).toBe(67);
  cable.mend();
  await hanging.connection.flush();
  hanging.connection.publish('a', message);
});

natsTest("a server's own limit is kept when it is lower than Souk's", async () => {
  await using server = await NatsServer.start({ config: 'max_payload: 1000' });
  await using low = await link(server.port);
  expect(low.connection.maxMessageBytes).toBe(1_000);
  expect(() => low.connection.publish('a', new Uint8Array(1_001))).toThrow(expect.objectContaining({ code: 'TOO_LARGE', details: { bytes: 1_001, limit: 1_000 } }));
  low.connection.publish('a', new Uint8Array(1_000));
  await low.connection.flush();
  expect(low.states).toEqual(['connected']);
});

test('what answers but is no NATS server, closes at once or says nothing is told apart, and no connection stays open', async () => {
  const cases: [(socket: Socket) => void, RegExp][] = [
    [(socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), /is no NATS server/],
    [(socket) => socket.end(), /closes connections at once/],
    [() => {}, /does not answer/],
  ];
  for (const [greet, problem] of cases) {
    const { server, port, open } = await impostor(greet);
    const pauses: number[] = [];
    const pause = (milliseconds: number): Promise<void> => (pauses.push(milliseconds), Promise.resolve());
    await using wrong = await link(port, { pause, connectMs: 50 });
    await wrong.state(problem);
    while (pauses.length < 3) await new Promise((resolve) => setImmediate(resolve));
    await wrong.connection.close();
    while (open.size > 0) await new Promise((resolve) => setImmediate(resolve));
    server.close();
  }
});

natsTest('of several servers one that works is found', async () => {
  await using dead = await NatsServer.start();
  await using alive = await NatsServer.start();
  await dead.stop();
  const servers = [dead, alive].map(({ port }) => ({ host: '127.0.0.1', port }));
  for (let n = 0; n < 5; n += 1) {
    await using found = await link(0, { servers });
    expect(found.states).toEqual(['connected']);
  }
});

natsTest('closing does not wait for a server that dies meanwhile', async () => {
  await using server = await NatsServer.start();
  await using cable = await Cable.to(server.port);
  const { connection } = await link(cable.port);
  const subscription = connection.subscribe('a', {}, () => {});
  await connection.flush();
  cable.freeze();
  const ends = [subscription.drain(), connection.flush(), connection.close()];
  cable.cut();
  await Promise.all(ends);
});

natsTest('closing sends what was published, and ends the wait for a server', async () => {
  await using server = await NatsServer.start();
  await using other = await link(server.port);
  const heard = nextMessage(other.connection, 'spec.a');
  await other.connection.flush();
  const leaving = await link(server.port);
  leaving.connection.publish('spec.a', bytes('bye'));
  await leaving.connection.close();
  expect(text(await heard)).toBe('bye');
  expect(() => leaving.connection.publish('spec.a', bytes(''))).toThrow(expect.objectContaining({ message: 'This service is shutting down.' }));
  expect(() => leaving.connection.subscribe('spec.a', {}, () => {})).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
  await server.stop();
  const waiting = await link(server.port, { pause: (_ms, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stop')))) });
  await waiting.connection.close();
});
