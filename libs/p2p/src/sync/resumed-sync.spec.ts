import { expect, test } from '@jest/globals';
import { MemoryLogStore, type Appended, type VerifiedRecord } from '@souk/domain';
import { LogWriter, network, until } from '@souk/testing';

const note = Uint8Array.of(0xa0);

/** Counts the records that it was given, those that it has already too. */
class CountingStore extends MemoryLogStore {
  given = 0;

  override async append(records: readonly VerifiedRecord[]): Promise<Appended> {
    this.given += records.length;
    return super.append(records);
  }
}

test('a peer that is stopped in the middle of a sync goes on behind what it had kept when it starts again', async () => {
  await using net = network();
  const logs = new CountingStore({ now: () => 0 });
  const holder = await net.peer('holder');
  const [long, ...short] = [new LogWriter('novelist'), ...Array.from({ length: 300 }, (_, index) => new LogWriter(`short ${index}`))];
  const records = [...Array.from({ length: 1200 }, () => long.writeBytes('note', note)), ...short.map((writer) => writer.writeBytes('note', note))];
  await holder.logs.append(records);
  const first = await net.peer('reader', { logs });
  const arrived = until(async () => (await logs.size()).records > 0, first.changes);
  await first.node.dial(holder.node.multiaddrs()[0] as string);
  await arrived;
  await net.stop(first);
  const held = (await logs.size()).records;
  expect(held).toBeGreaterThan(0);
  logs.given = 0;
  const again = await net.peer('reader', { logs, join: [holder] });
  await again.holds(...records);
  await net.converged();
  expect(logs.given).toBe(records.length - held);
});
