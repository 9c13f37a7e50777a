import { expect, test } from '@jest/globals';
import { multiaddr } from '@multiformats/multiaddr';
import { protocols } from '@souk/contracts';
import { encodeCbor, MemoryLogStore, seedFrom, sha256Of, type ArrivedHead, type Head, type KeyId, type SignedRecord, type StoredRecord, type VerifiedRecord } from '@souk/domain';
import { author, laterRecord, LogWriter, network, type TestPeer } from '@souk/testing';
import { createLibp2pNode } from '../node/create-libp2p-node.ts';
import { fullPeerLimits, patientLimits } from '../node/peer-limits.ts';
import { stopLibp2p } from '../node/stop-libp2p.ts';

const patient = { ...fullPeerLimits, ...patientLimits(20) };

const note = Uint8Array.of(0xa0);

/** Records of a kind that nobody here knows, with fields in header and `ext` that nobody knows. */
function hologram(writer: LogWriter): VerifiedRecord {
  return writer.writeBytes('hologram', encodeCbor({ colour: 'ultraviolet', layers: [1, { deep: [null] }] }), { later: { more: [1, { x: null }] } });
}

async function expectSame(peer: TestPeer, records: readonly VerifiedRecord[]): Promise<void> {
  for (const { key, fields, header, signature, body } of records) {
    const [held] = await peer.logs.read(key, fields.seq, 1);
    expect([held?.record.header, held?.record.signature, held?.record.body].map((bytes) => Buffer.from(bytes ?? []).toString('hex'))).toEqual([header, signature, body].map((bytes) => Buffer.from(bytes ?? []).toString('hex')));
  }
}

test('an unknown kind passes through a peer byte for byte, by gossip and by sync, to one that has no other link', async () => {
  await using net = network();
  const a = await net.peer('a');
  const b = await net.peer('b', { join: [a] });
  const c = await net.peer('c', { join: [b] });
  await c.linkedTo(a, b);
  await net.part([a], [c]);
  const writer = new LogWriter('tomorrow');
  const first = hologram(writer);
  await a.publishes(first);
  await c.holds(first);
  const d = await net.peer('d', { admit: (id) => id === b.id });
  await d.node.dial(b.node.multiaddrs()[0] as string);
  const second = hologram(writer);
  await a.publishes(second);
  await Promise.all([b, c, d].map((peer) => peer.holds(first, second)));
  for (const peer of [b, c, d]) await expectSame(peer, writer.records);
  await net.converged();
});

/** The logs of a later version, as others see them: one key's records from one seq on have a higher version. Whoever has that version could verify them. */
class LaterLogs extends MemoryLogStore {
  readonly #writer: LogWriter;
  readonly #from: number;

  constructor(writer: LogWriter, from: number) {
    super({ now: () => 0 });
    this.#writer = writer;
    this.#from = from;
  }

  override async read(key: KeyId, from: number, limit: number): Promise<readonly StoredRecord[]> {
    return (await super.read(key, from, limit)).map((one) => (this.#isLater(one.record.key, one.record.fields.seq) ? { ...one, record: this.#raised(one.record) } : one));
  }

  override async head(key: KeyId): Promise<Head | undefined> {
    const head = await super.head(key);
    return head && this.#isLater(key, head.seq) ? { ...head, hash: this.#raised(this.#writer.records[head.seq] as VerifiedRecord).hash } : head;
  }

  override async heads(after: KeyId | undefined, limit: number): Promise<readonly Head[]> {
    return Promise.all((await super.heads(after, limit)).map(async (one) => (await this.head(one.key)) ?? one));
  }

  override async headsSince(arrival: number, limit: number): Promise<readonly ArrivedHead[]> {
    return Promise.all((await super.headsSince(arrival, limit)).map(async (one) => ({ ...((await this.head(one.key)) ?? one), arrival: one.arrival })));
  }

  #isLater(key: KeyId, seq: number): boolean {
    return key === this.#writer.key && seq >= this.#from;
  }

  #raised(record: VerifiedRecord): VerifiedRecord {
    const raised = laterRecord(record, this.#writer.signer, { v: 2 });
    return { ...record, ...raised, hash: sha256Of(raised.header) };
  }
}

test('a log that goes on in a higher version is kept up to there and relayed up to there; all other logs go on, and nobody is blamed', async () => {
  await using net = network();
  const [newer, ada] = [new LogWriter('newer'), author('ada')];
  for (let seq = 0; seq < 5; seq += 1) newer.writeBytes('note', note);
  const a = await net.peer('a', { logs: new LaterLogs(newer, 3) });
  const b = await net.peer('b');
  const c = await net.peer('c', { join: [b] });
  await a.logs.append([...newer.records, ...ada.records]);
  await b.node.dial(a.node.multiaddrs()[0] as string);
  await Promise.all([b, c].map((peer) => peer.holds(...newer.records.slice(0, 3), ...ada.records)));
  const report = await b.node.syncWith(a.id);
  expect(report.stopped).toEqual([{ key: newer.key, code: 'UPGRADE_NEEDED' }]);
  expect(await b.logs.head(newer.key)).toMatchObject({ seq: 2 });
  expect(await b.logs.fork(newer.key)).toBeUndefined();
  await a.publishes(ada.releases('mitt', '1.0.0'));
  await c.holds(...ada.records);
  for (const peer of [b, c]) expect(await peer.observations.since(0, 10)).toEqual([]);
});

test('a gossiped record of a higher version is passed by, and the next record of the same sender is taken', async () => {
  await using net = network();
  const a = await net.peer('a');
  const raw = await createLibp2pNode({ seed: seedFrom('raw'), networkKey: seedFrom('network'), listen: [], announce: [], limits: patient, rank: () => 0.5, admit: () => true });
  await raw.start();
  const { pubsub } = raw.services as Required<typeof raw.services>;
  const subscribed = new Promise((resolve) => pubsub.addEventListener('subscription-change', resolve, { once: true }));
  await raw.dial(multiaddr(a.node.multiaddrs()[0] as string));
  await subscribed;
  const [newer, good] = [new LogWriter('newer'), new LogWriter('good')];
  const publish = (record: SignedRecord): Promise<unknown> => pubsub.publish(protocols.headsTopic, encodeCbor({ t: 'record', record: { header: record.header, signature: record.signature, body: note } }));
  for (let seq = 0; seq < 3; seq += 1) await publish(laterRecord(newer.writeBytes('note', note), newer.signer, { v: 2 }));
  const record = good.writeBytes('note', note);
  await publish(record);
  await a.holds(record);
  expect((await a.logs.size()).records).toBe(1);
  expect(a.lines.filter((line) => line.level === 'error' || line.level === 'warn')).toEqual([]);
  await stopLibp2p(raw);
});
