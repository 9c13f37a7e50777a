import { expect, test } from '@jest/globals';
import { SoukError } from '@souk/domain';
import { messageBytes, type Connection, type Message } from './connection.ts';
import { InProcessBroker } from './in-process-broker.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (message: Message | undefined): string => new TextDecoder().decode(message?.data);

/** Collects messages, and waits until so many have come. */
function inbox(connection: Connection, subject: string, queue?: string): { got: Message[]; arrival: (count: number) => Promise<Message[]> } {
  const got: Message[] = [];
  let check = (): void => {};
  connection.subscribe(subject, { queue }, (message) => {
    got.push(message);
    check();
  });
  const arrival = (count: number): Promise<Message[]> =>
    new Promise((resolve) => {
      check = () => {
        if (got.length >= count) resolve(got);
      };
      check();
    });
  return { got, arrival };
}

test('a message arrives later, never while it is published', async () => {
  const broker = new InProcessBroker();
  const [sender, receiver] = [broker.connect({ name: 'a' }), broker.connect({ name: 'b' })];
  const { got, arrival } = inbox(receiver, 'a.b');
  sender.publish('a.b', bytes('1'), { headers: { k: 'v' } });
  expect(got).toEqual([]);
  await Promise.resolve();
  expect(got).toEqual([]);
  const [message] = await arrival(1);
  expect([text(message), message?.headers, message?.subject]).toEqual(['1', { k: 'v' }, 'a.b']);
});

test('messages of one publisher keep their order over all subjects of a connection', async () => {
  const broker = new InProcessBroker();
  const connection = broker.connect({ name: 'a' });
  const order: string[] = [];
  const done = new Promise<void>((resolve) => connection.subscribe('end', {}, () => resolve()));
  for (const subject of ['x.1', 'x.2']) connection.subscribe(subject, {}, (message) => order.push(text(message)));
  for (let n = 0; n < 6; n += 1) connection.publish(`x.${(n % 2) + 1}`, bytes(String(n)));
  connection.publish('end', bytes(''));
  await done;
  expect(order).toEqual(['0', '1', '2', '3', '4', '5']);
});

test('a star stands for exactly one token', async () => {
  const connection = new InProcessBroker().connect({ name: 'a' });
  const { got, arrival } = inbox(connection, 'in.*');
  for (const subject of ['in', 'in.1.2', 'on.1', 'in.1', 'in.2']) connection.publish(subject, bytes(subject));
  await arrival(2);
  expect(got.map(text)).toEqual(['in.1', 'in.2']);
});

test('of each queue group one member hears, and everybody outside of groups', async () => {
  const broker = new InProcessBroker();
  const connection = broker.connect({ name: 'a' });
  const [one, two, other, alone] = [inbox(connection, 's', 'q'), inbox(connection, 's', 'q'), inbox(connection, 's', 'r'), inbox(connection, 's')];
  for (let n = 0; n < 10; n += 1) connection.publish('s', bytes(String(n)));
  await Promise.all([alone.arrival(10), other.arrival(10)]);
  expect(one.got.length + two.got.length).toBe(10);
  expect(Math.min(one.got.length, two.got.length)).toBeGreaterThan(0);
});

test('a request that nobody can hear is answered so at once; a message without reply is not', async () => {
  const connection = new InProcessBroker().connect({ name: 'a' });
  const replies = inbox(connection, '_INBOX.1');
  connection.publish('nobody', bytes('?'));
  connection.publish('nobody', bytes('?'), { reply: '_INBOX.1' });
  expect(await replies.arrival(1)).toMatchObject([{ subject: '_INBOX.1', noResponders: true }]);
});

test('what ends is not heard any more, not even what is on its way', async () => {
  const broker = new InProcessBroker();
  const connection = broker.connect({ name: 'a' });
  const got: Message[] = [];
  const subscription = connection.subscribe('s', {}, (message) => got.push(message));
  const replies = inbox(connection, '_INBOX.1');
  connection.publish('s', bytes('1'));
  subscription.unsubscribe();
  connection.publish('s', bytes('2'), { reply: '_INBOX.1' });
  await replies.arrival(1);
  expect(got).toEqual([]);
});

test('what drains hears what is on its way, and nothing after it', async () => {
  const broker = new InProcessBroker();
  const connection = broker.connect({ name: 'a' });
  const got: string[] = [];
  const subscription = connection.subscribe('s', {}, (message) => got.push(text(message)));
  const replies = inbox(connection, '_INBOX.1');
  connection.publish('s', bytes('1'));
  const drained = subscription.drain();
  connection.publish('s', bytes('2'), { reply: '_INBOX.1' });
  const other = inbox(connection, 's');
  await drained;
  expect(got).toEqual(['1']);
  expect(await replies.arrival(1)).toMatchObject([{ noResponders: true }]);
  connection.publish('s', bytes('3'));
  await other.arrival(1);
});

test('a closed connection neither sends nor hears', async () => {
  const broker = new InProcessBroker();
  const [closed, open] = [broker.connect({ name: 'a' }), broker.connect({ name: 'b' })];
  const { got } = inbox(closed, 's');
  const replies = inbox(open, '_INBOX.1');
  open.publish('s', bytes('1'));
  await closed.close();
  open.publish('s', bytes('2'), { reply: '_INBOX.1' });
  await replies.arrival(1);
  expect(got).toEqual([]);
  expect(() => closed.publish('s', bytes('3'))).toThrow(SoukError);
  expect(() => closed.subscribe('s', {}, () => {})).toThrow(SoukError);
});

test('the limit of a message counts headers as NATS does', () => {
  expect(messageBytes(bytes('abc'))).toBe(3);
  expect(messageBytes(bytes('abc'), { k: 'v' })).toBe(3 + 'NATS/1.0\r\nk: v\r\n\r\n'.length);
  const connection = new InProcessBroker({ maxMessageBytes: 100 }).connect({ name: 'a' });
  expect(() => connection.publish('s', new Uint8Array(100))).not.toThrow();
  expect(() => connection.publish('s', new Uint8Array(100), { headers: { k: 'v' } })).toThrow(expect.objectContaining({ code: 'TOO_LARGE', details: { bytes: 118, limit: 100 } }));
});

test('a connection that does not read loses what is above its limit, and is told', async () => {
  const dropped: string[] = [];
  const broker = new InProcessBroker({ maxPendingBytes: 250 });
  const [sender, receiver] = [broker.connect({ name: 'a' }), broker.connect({ name: 'b', onDropped: (subject) => dropped.push(subject) })];
  const { got, arrival } = inbox(receiver, 's');
  for (let n = 0; n < 4; n += 1) sender.publish('s', new Uint8Array(100).fill(n));
  expect(dropped).toEqual(['s', 's']);
  await arrival(2);
  sender.publish('s', new Uint8Array(100).fill(9));
  await arrival(3);
  expect(got.map(({ data }) => data[0])).toEqual([0, 1, 9]);
});
