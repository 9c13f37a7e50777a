import { expect, test } from '@jest/globals';
import { protocols } from '@souk/contracts';
import { SoukError, type VerifiedRecord } from '@souk/domain';
import { author, LogWriter, network, until, type TestPeer } from '@souk/testing';

/** Many records of one key, of a kind that nobody knows. */
function longLog(name: string, length: number): VerifiedRecord[] {
  const writer = new LogWriter(name);
  return Array.from({ length }, (_, index) => writer.writeBytes('note', Uint8Array.of(0x18, index & 0x7f | 0x20)));
}

async function keep(peer: TestPeer, records: readonly VerifiedRecord[]): Promise<void> {
  for (let at = 0; at < records.length; at += 500) await peer.logs.append(records.slice(at, at + 500));
}

test('what was published while nobody listened is there after the link is made, in both directions', async () => {
  await using net = network();
  const [ada, bob] = [author('ada'), author('bob')];
  ada.releases('left-pad', '1.0.0');
  bob.releases('right-pad', '2.0.0');
  const a = await net.peer('a');
  const b = await net.peer('b');
  await a.publishes(...ada.records);
  await b.publishes(...bob.records);
  expect(await a.node.headRoot()).not.toBe(await b.node.headRoot());
  await b.node.dial(a.node.multiaddrs()[0] as string);
  await Promise.all([b.holds(...ada.records), a.holds(...bob.records)]);
  await net.converged();
});

test('equal peers find that out with two frames', async () => {
  await using net = network();
  const frames: string[] = [];
  const ada = author('ada');
  const a = await net.peer('a');
  const b = await net.peer('b', { tap: { sent: (protocol, bytes) => frames.push(`${protocol} > ${bytes}`), received: (protocol, bytes) => frames.push(`${protocol} < ${bytes}`) } });
  await a.publishes(...ada.records);
  await b.logs.append(ada.records);
  const id = await b.node.dial(a.node.multiaddrs()[0] as string);
  expect(await b.node.syncWith(id)).toEqual({ peer: id, same: true, records: 0, stopped: [] });
  // dag-cbor of { t: 'hello', root: 64 hexadecimal digits } and { t: 'same' }; once when the link was made and once, at most, on request.
  const synced = frames.filter((line) => line.startsWith(protocols.sync));
  expect([...new Set(synced)]).toEqual([`${protocols.sync} > 80`, `${protocols.sync} < 8`]);
  expect(synced.length).toBeLessThanOrEqual(4);
  expect(b.node.links()).toMatchObject([{ peer: id, direction: 'outbound', inSync: true }]);
});

test('5,000 records of one log come over in order and whole', async () => {
  await using net = network();
  const records = longLog('novelist', 5000);
  const a = await net.peer('a');
  await keep(a, records);
  const b = await net.peer('b', { join: [a] });
  await b.holds(records.at(-1) as VerifiedRecord);
  expect(await b.logs.size()).toEqual({ logs: 1, records: 5000, arrival: 5000 });
  await net.converged();
});

test('1,500 logs of one record each come over, in more than one page of heads', async () => {
  await using net = network();
  const records = Array.from({ length: 1500 }, (_, index) => new LogWriter(`writer-${index}`).writeBytes('note', Uint8Array.of(0xa0)));
  const a = await net.peer('a');
  await keep(a, records);
  const b = await net.peer('b', { join: [a] });
  await net.converged();
  expect((await b.logs.size()).records).toBe(1500);
});

test('records of the largest size fill several frames', async () => {
  await using net = network();
  const writer = new LogWriter('long-winded');
  const body = new Uint8Array(65_536).fill(7);
  body.set([0x59, 0xff, 0xfd]);
  const records = Array.from({ length: 12 }, () => writer.writeBytes('essay', body));
  const a = await net.peer('a');
  const b = await net.peer('b', { join: [a] });
  await b.linkedTo(a);
  await a.publishes(...records);
  await b.holds(...records);
});

test('a peer that was cut off has everything after the cut is healed, and both sides agree', async () => {
  await using net = network();
  const a = await net.peer('a');
  const b = await net.peer('b', { join: [a] });
  const c = await net.peer('c', { join: [b] });
  await c.linkedTo(a, b);
  await net.part([a], [b, c]);
  const [ada, bob] = [author('ada'), author('bob')];
  for (let patch = 0; patch < 20; patch += 1) {
    await a.publishes(...(patch === 0 ? [...ada.root.records, ...ada.device.records] : []), ada.releases('left-pad', `1.0.${patch}`));
    await c.publishes(...(patch === 0 ? [...bob.root.records, ...bob.device.records] : []), bob.releases('right-pad', `1.0.${patch}`));
  }
  await net.converged(b, c);
  expect(await a.node.headRoot()).not.toBe(await b.node.headRoot());
  net.heal();
  await a.node.dial(b.node.multiaddrs()[0] as string);
  await net.converged(a, b, c);
  expect((await a.logs.size()).records).toBe(ada.records.length + bob.records.length);
});

test('a fork is proven to whoever holds either branch or none, freezes the log everywhere, and does not keep peers from agreeing', async () => {
  await using net = network();
  const [writer, twin] = [new LogWriter('forker'), new LogWriter('forker')];
  for (const one of [writer, twin]) one.writeBytes('note', Uint8Array.of(0xa0));
  const left = [writer.writeBytes('note', Uint8Array.of(0xa0), { branch: 'left' }), writer.writeBytes('note', Uint8Array.of(0xa0))];
  const right = [twin.writeBytes('note', Uint8Array.of(0xa0), { branch: 'right' })];
  const a = await net.peer('a');
  const b = await net.peer('b');
  await a.publishes(...writer.records);
  await b.publishes(...twin.records);
  await b.node.dial(a.node.multiaddrs()[0] as string);
  await Promise.all([a.knowsForkOf(writer.key), b.knowsForkOf(writer.key)]);
  const c = await net.peer('c', { join: [a] });
  await c.knowsForkOf(writer.key);
  await net.converged();
  for (const peer of [a, b, c]) {
    expect((await peer.logs.fork(writer.key))?.seq).toBe(1);
    await expect(peer.logs.append([twin.writeBytes('note', Uint8Array.of(0xa0))])).rejects.toMatchObject({ code: 'FORKED_LOG' });
  }
  expect([left.length, right.length]).toEqual([2, 1]);
});

test('one exchange per peer at a time, and a caller that gives up does not end it for the others', async () => {
  await using net = network();
  const a = await net.peer('a');
  const b = await net.peer('b', { join: [a] });
  await b.linkedTo(a);
  await keep(a, longLog('novelist', 600));
  const gone = new AbortController();
  const first = b.node.syncWith(a.id, { signal: gone.signal });
  const second = b.node.syncWith(a.id);
  gone.abort();
  await expect(first).rejects.toMatchObject({ code: 'CANCELLED' });
  await second;
  await net.converged();
});

test('a peer that can not be reached is a clear error', async () => {
  await using net = network();
  const a = await net.peer('a');
  const b = await net.peer('b');
  await net.stop(b);
  await expect(a.node.syncWith(b.id)).rejects.toMatchObject({ code: 'PEER_UNREACHABLE', hint: expect.any(String) });
  await expect(a.node.syncWith('nobody')).rejects.toBeInstanceOf(SoukError);
});

test('links are reconciled now and then even when nothing tells them to', async () => {
  await using net = network({ reconcileMs: 20 });
  const a = await net.peer('a');
  const b = await net.peer('b', { join: [a] });
  await b.linkedTo(a);
  const ada = author('ada');
  await a.logs.append(ada.records);
  await until(async () => (await b.logs.size()).records === ada.records.length, b.changes);
});
