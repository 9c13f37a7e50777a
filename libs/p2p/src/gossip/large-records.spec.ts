import { expect, test } from '@jest/globals';
import { TopicValidatorResult, type GossipSub } from '@libp2p/gossipsub';
import type { PeerId } from '@libp2p/interface';
import { GossipMessage, maxGossipRecord, protocols } from '@souk/contracts';
import { decodeCbor, encodeCbor, MemoryLogStore, type VerifiedRecord } from '@souk/domain';
import { LogWriter } from '@souk/testing';
import { fullPeerLimits } from '../node/peer-limits.ts';
import { Turns } from '../node/turns.ts';
import { ChargedIntake } from '../sync/charged-intake.ts';
import { frameCost } from '../sync/frame-record.ts';
import { RecordIntake } from '../sync/record-intake.ts';
import { Gossip } from './gossip.ts';

const ignore = (): void => undefined;
const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const sender = { toString: () => 'sender' } as PeerId;

/** The only record of a log, whose cost in a frame is so many bytes. */
function recordOf(name: string, cost: number): VerifiedRecord {
  const record = (bytes: number): VerifiedRecord => new LogWriter(name).writeBytes('note', Uint8Array.from([0x59, bytes >> 8, bytes & 255, ...new Uint8Array(bytes)]));
  const spare = 10_000;
  return record(spare + cost - frameCost(record(spare)));
}

/** One peer's gossip over a pubsub that only notes what is published: what came of it. */
function scene(): { readonly gossip: Gossip; readonly logs: MemoryLogStore; readonly asked: string[]; readonly heard: number[]; published(): GossipMessage[]; hears(message: GossipMessage): Promise<TopicValidatorResult> } {
  const sent: Uint8Array[] = [];
  const validators: GossipSub['topicValidators'] = new Map();
  const publish = async (_topic: string, data: Uint8Array): Promise<unknown> => sent.push(data);
  const pubsub = { topicValidators: validators, subscribe: ignore, publish } as unknown as GossipSub;
  const logs = new MemoryLogStore({ now: () => 0 });
  const asked: string[] = [];
  const heard: number[] = [];
  const intake = new ChargedIntake({ logs, intake: new RecordIntake({ logs }, { records: ignore, forks: ignore }), now: () => 0, log, deferred: ignore });
  const gossip = new Gossip({ pubsub, logs, intake, limits: fullPeerLimits, log, turns: new Turns(), ask: (peer) => asked.push(peer), blame: ignore, heard: (afterMs) => heard.push(afterMs) });
  gossip.start();
  const judge = validators.get(protocols.headsTopic) as NonNullable<ReturnType<typeof validators.get>>;
  const hears = async (message: GossipMessage): Promise<TopicValidatorResult> => judge(sender, { type: 'unsigned', topic: protocols.headsTopic, data: encodeCbor(message) });
  return { gossip, logs, asked, heard, published: () => sent.splice(0).map((data) => GossipMessage.parse(decodeCbor(data))), hears };
}

test('a record of up to 16 KiB is gossiped whole, of a larger one the signed header alone', async () => {
  const { gossip, published } = scene();
  const [fits, exceeds] = [recordOf('fits', maxGossipRecord), recordOf('exceeds', maxGossipRecord + 1)];
  await gossip.publish([fits, exceeds]);
  const { header, signature, body } = fits;
  expect(published()).toEqual([
    { t: 'record', record: { header, signature, body }, told: expect.any(Number) },
    { t: 'record', record: { header: exceeds.header, signature: exceeds.signature }, told: expect.any(Number) },
  ]);
});

test('who hears of a header alone passes it on and asks the sender for the record', async () => {
  const { gossip, published, hears, asked, logs } = scene();
  const [small, large] = [recordOf('small', 11_000), recordOf('large', maxGossipRecord + 1)];
  await gossip.publish([small, large]);
  const [whole, bare] = published() as [GossipMessage, GossipMessage];
  expect(await hears(bare)).toBe(TopicValidatorResult.Accept);
  expect(asked).toEqual(['sender']);
  expect(await hears(whole)).toBe(TopicValidatorResult.Accept);
  await gossip.stop();
  expect(asked).toEqual(['sender']);
  expect(await logs.size()).toMatchObject({ records: 1 });
});

test('how long a record was on its way is told once, unless the clocks say what can not be', async () => {
  const { gossip, published, hears, heard } = scene();
  const records = ['late', 'from the future', 'from long ago', 'from an older peer'].map((name) => recordOf(name, 11_000));
  await gossip.publish(records);
  const [late, future, old, silent] = published() as (GossipMessage & { t: 'record' })[] as [GossipMessage, GossipMessage, GossipMessage, GossipMessage & { t: 'record'; told?: number }];
  await hears({ ...late, told: Date.now() - 60_000 } as GossipMessage);
  await hears({ ...future, told: Date.now() + 3_600_000 } as GossipMessage);
  await hears({ ...old, told: 0 } as GossipMessage);
  const { told: _told, ...untold } = silent;
  await hears(untold);
  await gossip.stop();
  await hears({ ...late, told: Date.now() - 60_000 } as GossipMessage);
  expect(heard).toEqual([expect.any(Number)]);
  expect(heard[0]).toBeGreaterThanOrEqual(60_000);
});
