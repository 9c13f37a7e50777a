import { expect, test } from '@jest/globals';
import { multiaddr } from '@multiformats/multiaddr';
import { protocols } from '@souk/contracts';
import { encodeCbor, seedFrom, type VerifiedRecord } from '@souk/domain';
import { author, LogWriter, network } from '@souk/testing';
import { createLibp2pNode } from '../node/create-libp2p-node.ts';
import { fullPeerLimits, patientLimits } from '../node/peer-limits.ts';
import { stopLibp2p } from '../node/stop-libp2p.ts';

const patient = { ...fullPeerLimits, ...patientLimits(20) };

test('a record published at one peer is on disk at another by gossip alone', async () => {
  await using net = network();
  const a = await net.peer('a');
  const b = await net.peer('b', { join: [a] });
  await b.linkedTo(a);
  const ada = author('ada');
  ada.releases('left-pad', '1.0.0');
  await a.publishes(...ada.records);
  await b.holds(...ada.records);
  await net.converged();
  expect(await b.logs.size()).toEqual(await a.logs.size());
});

test('a record reaches a peer through one in between', async () => {
  await using net = network();
  const a = await net.peer('a');
  const b = await net.peer('b', { join: [a] });
  const c = await net.peer('c', { join: [b] });
  await c.linkedTo(a, b);
  await net.part([a], [c]);
  const ada = author('ada');
  await a.publishes(...ada.records);
  await c.holds(...ada.records);
  const release = ada.releases('left-pad', '1.0.0');
  await a.publishes(release);
  await c.holds(release);
});

test('a record that comes before those it follows is completed by sync', async () => {
  await using net = network();
  const a = await net.peer('a');
  const b = await net.peer('b', { join: [a] });
  await b.linkedTo(a);
  await net.converged();
  const ada = author('ada');
  for (let patch = 0; patch < 5; patch += 1) ada.releases('left-pad', `1.0.${patch}`);
  await a.logs.append(ada.records);
  await a.node.announceRecords([ada.records.at(-1) as VerifiedRecord]);
  await b.holds(...ada.device.records);
});

test('a large import is announced by its heads', async () => {
  await using net = network();
  const a = await net.peer('a');
  const b = await net.peer('b', { join: [a] });
  await b.linkedTo(a);
  const writers = Array.from({ length: 100 }, (_, index) => new LogWriter(`writer-${index}`));
  const records = writers.flatMap((writer) => [1, 2, 3].map(() => writer.writeBytes('note', Uint8Array.of(0xa0))));
  await a.publishes(...records);
  await b.holds(...records);
});

test('twelve peers on one address all hear of every record', async () => {
  // Gossip that a busy machine drops is made up for by reconciliation, here as everywhere; the tests above show gossip alone.
  await using net = network({ reconcileMs: 1000 });
  const first = await net.peer('peer-0');
  const others = await Promise.all(Array.from({ length: 11 }, (_, index) => net.peer(`peer-${index + 1}`, { join: [first] })));
  await Promise.all(others.map((peer) => peer.linkedTo(first)));
  const authors = [first, ...others].map((peer, index) => ({ peer, records: author(`author-${index}`).records }));
  await Promise.all(authors.map(({ peer, records }) => peer.publishes(...records)));
  const all = authors.flatMap(({ records }) => records);
  await Promise.all([first, ...others].map((peer) => peer.holds(...all)));
  await net.converged();
});

test('what is not a sound record is not kept and does not stop the next one', async () => {
  await using net = network();
  const a = await net.peer('a');
  const raw = await createLibp2pNode({ seed: seedFrom('raw'), networkKey: seedFrom('network'), listen: [], announce: [], limits: patient, rank: () => 0.5, admit: () => true });
  await raw.start();
  const { pubsub } = raw.services as Required<typeof raw.services>;
  const subscribed = new Promise((resolve) => pubsub.addEventListener('subscription-change', resolve, { once: true }));
  await raw.dial(multiaddr(a.node.multiaddrs()[0] as string));
  await subscribed;
  const [honest, tampered] = [new LogWriter('honest'), new LogWriter('tampered')];
  const record = honest.writeBytes('note', Uint8Array.of(0xa0));
  const { header, signature } = tampered.writeBytes('note', Uint8Array.of(0xa0));
  await pubsub.publish(protocols.headsTopic, Uint8Array.of(0xff));
  await pubsub.publish(protocols.headsTopic, encodeCbor({ t: 'record', record: { header, signature: signature.map((byte) => byte ^ 1), body: Uint8Array.of(0xa0) } }));
  // By somebody else: whoever gossips what is not sound is soon not listened to, on a slow machine before the next one.
  const b = await net.peer('b', { join: [a] });
  await b.linkedTo(a);
  await b.publishes(record);
  await a.holds(record);
  expect((await a.logs.size()).records).toBe(1);
  await stopLibp2p(raw);
});
