import { expect, test } from '@jest/globals';
import { blobCid, encodeCbor, MemoryLogStore, sha256Of, type KeyId, type StoredRecord, type VerifiedRecord } from '@souk/domain';
import { author, LogWriter, network } from '@souk/testing';

type Change = (record: VerifiedRecord) => VerifiedRecord;

/** Shows others something else than it holds: records of one key, or of all, from one seq on are changed when they are read. */
class TamperingStore extends MemoryLogStore {
  readonly #key: KeyId | 'all';
  readonly #from: number;
  readonly #change: Change;

  constructor(key: KeyId | 'all', from: number, change: Change) {
    super({ now: () => 0 });
    this.#key = key;
    this.#from = from;
    this.#change = change;
  }

  override async read(key: KeyId, from: number, limit: number): Promise<readonly StoredRecord[]> {
    const held = await super.read(key, from, limit);
    return held.map((one) => ((this.#key === 'all' || key === this.#key) && one.record.fields.seq >= this.#from ? { ...one, record: this.#change(one.record) } : one));
  }
}

const note = Uint8Array.of(0xa0);

function logOf(name: string, length: number): LogWriter {
  const writer = new LogWriter(name);
  for (let seq = 0; seq < length; seq += 1) writer.writeBytes('note', note);
  return writer;
}

const cases: [string, string, Change][] = [
  ['a signature that is not the writer\'s', 'BAD_SIGNATURE', (record) => ({ ...record, signature: record.signature.map((byte, at) => (at === 3 ? byte ^ 1 : byte)) })],
  ['another body', 'BAD_RECORD', (record) => ({ ...record, body: Uint8Array.of(0xa1) })],
  ['a header that is none', 'BAD_RECORD', (record) => ({ ...record, header: Uint8Array.of(0x00) })],
];

test.each(cases)('a record with %s stops its log, is held against the peer, and other logs go on', async (_what, code, change) => {
  await using net = network();
  const [bad, good] = [logOf('tampered', 5), author('ada')];
  const a = await net.peer('a', { logs: new TamperingStore(bad.key, 3, change) });
  const b = await net.peer('b');
  await a.logs.append([...bad.records, ...good.records]);
  await b.node.dial(a.node.multiaddrs()[0] as string);
  await b.holds(...good.records, ...bad.records.slice(0, 3));
  await b.observes(a, 'corrupt');
  expect(await b.logs.head(bad.key)).toMatchObject({ seq: 2 });
  expect(b.node.links()).toMatchObject([{ peer: a.id, inSync: false }]);
  const culprit = change(bad.records[3] as VerifiedRecord);
  expect(await b.observations.since(0, 10)).toMatchObject([{ cid: blobCid(sha256Of(culprit.header)) }]);
  expect((await b.node.syncWith(a.id)).stopped).toEqual([{ key: bad.key, code }]);
  expect(b.lines).toContainEqual(expect.objectContaining({ facts: { peer: a.id, stopped: [{ key: bad.key, code }] } }));
});

test('a peer that sends forged records of log after log is not listened to until the last one, and makes one observation of an exchange, not one of each', async () => {
  await using net = network();
  const forging: Change = (record) => ({ ...record, signature: record.signature.map((byte, at) => (at === 3 ? byte ^ 1 : byte)) });
  const a = await net.peer('a', { logs: new TamperingStore('all', 0, forging) });
  await a.logs.append(Array.from({ length: 100 }, (_, at) => logOf(`forged-${at}`, 1)).flatMap((writer) => writer.records));
  const b = await net.peer('b');
  await b.node.dial(a.node.multiaddrs()[0] as string);
  await expect(b.node.syncWith(a.id)).rejects.toMatchObject({ code: 'BAD_FRAME' });
  await b.observes(a, 'corrupt');
  // The link itself led to an exchange, and this was perhaps another one.
  expect((await b.observations.since(0, 100)).length).toBeLessThan(10);
});

test('a record of a newer version stops its log, blames nobody, and other logs go on', async () => {
  await using net = network();
  const [newer, good] = [logOf('newer', 5), author('ada')];
  const a = await net.peer('a', { logs: new TamperingStore(newer.key, 3, (record) => ({ ...record, header: encodeCbor({ ...record.fields, v: 2 }) })) });
  const b = await net.peer('b');
  await a.logs.append([...newer.records, ...good.records]);
  await b.node.dial(a.node.multiaddrs()[0] as string);
  await b.holds(...good.records, ...newer.records.slice(0, 3));
  for (let times = 0; times < 2; times += 1) expect((await b.node.syncWith(a.id)).stopped).toEqual([{ key: newer.key, code: 'UPGRADE_NEEDED' }]);
  expect(await b.observations.since(0, 10)).toEqual([]);
  expect(b.lines).toContainEqual(expect.objectContaining({ level: 'warn', facts: { peer: a.id, stopped: [{ key: newer.key, code: 'UPGRADE_NEEDED' }] } }));
});

test('an honest peer fills the gap that a tampering one left', async () => {
  await using net = network();
  const log = logOf('tampered', 5);
  const liar = await net.peer('liar', { logs: new TamperingStore(log.key, 3, (record) => ({ ...record, header: Uint8Array.of(0x00) })) });
  const honest = await net.peer('honest');
  await liar.logs.append(log.records);
  await honest.logs.append(log.records);
  const reader = await net.peer('reader', { join: [liar] });
  await reader.observes(liar, 'corrupt');
  await reader.node.dial(honest.node.multiaddrs()[0] as string);
  await reader.holds(...log.records);
});

test('records and fields that this version does not know pass through unharmed', async () => {
  await using net = network();
  const writer = new LogWriter('from the future');
  writer.writeBytes('hologram', encodeCbor({ colour: 'ultraviolet', layers: [1, 2, { deep: true }] }), { later: { more: 1 } });
  const a = await net.peer('a');
  const b = await net.peer('b', { join: [a] });
  const c = await net.peer('c', { join: [b] });
  await a.publishes(...writer.records);
  await c.holds(...writer.records);
  const [kept] = await c.logs.read(writer.key, 0, 1);
  expect(Buffer.compare(kept?.record.body as Uint8Array, writer.records[0]?.body as Uint8Array)).toBe(0);
  expect(kept?.record.fields.ext).toEqual({ later: { more: 1 } });
});

test('a peer whose disk is full keeps what it has and says so', async () => {
  await using net = network();
  class FullStore extends MemoryLogStore {
    override append(): never {
      throw new Error('ENOSPC');
    }
  }
  const ada = author('ada');
  const a = await net.peer('a');
  await a.logs.append(ada.records);
  const b = await net.peer('b', { logs: new FullStore({ now: () => 0 }) });
  const id = await b.node.dial(a.node.multiaddrs()[0] as string);
  await expect(b.node.syncWith(id)).rejects.toThrow('ENOSPC');
  expect(a.node.links()).toHaveLength(1);
});
