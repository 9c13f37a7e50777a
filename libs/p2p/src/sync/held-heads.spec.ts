import { expect, test } from '@jest/globals';
import { forkMark, HeadTree, MemoryLogStore, type ForkProof, type KeyId } from '@souk/domain';
import { LogWriter } from '@souk/testing';
import { HeldHeads } from './held-heads.ts';

/** Logs that count how often each fork is asked for. */
class CountingLogs extends MemoryLogStore {
  readonly asked = new Map<KeyId, number>();

  override async forks(limit: number, after?: number): Promise<readonly ForkProof[]> {
    const proofs = await super.forks(limit, after);
    for (const { key } of proofs) this.asked.set(key, (this.asked.get(key) ?? 0) + 1);
    return proofs;
  }
}

/** Two records at one place of a log of that name. */
const twins = (name: string): [LogWriter, LogWriter] => {
  const pair: [LogWriter, LogWriter] = [new LogWriter(name), new LogWriter(name)];
  for (const [at, writer] of pair.entries()) writer.writeBytes('note', Uint8Array.of(0x81, at));
  return pair;
};

test('forks are read once each, however many come one after the other, and all are in the tree', async () => {
  const logs = new CountingLogs({ now: () => 0 });
  const heads = new HeldHeads(logs);
  const keys: KeyId[] = [];
  const forks = async (count: number): Promise<void> => {
    for (let at = 0; at < count; at += 1) {
      const [left, right] = twins(`fork-${keys.length}`);
      await logs.append(left.records);
      await logs.append(right.records);
      keys.push(left.key);
    }
    expect(await heads.root()).toBe(HeadTree.empty.with(keys.map(forkMark)).root);
  };
  await forks(600);
  for (let time = 0; time < 3; time += 1) await forks(1);
  expect([...logs.asked.values()].every((times) => times === 1)).toBe(true);
  expect(logs.asked.size).toBe(keys.length);
});
