import { expect, test } from '@jest/globals';
import { SoukError, type Cid, type ReleaseBody } from '@souk/domain';
import { Metrics, silentLog } from '@souk/nest';
import { packed, type Packed } from '@souk/testing/builders';
import { Healer } from './healer.ts';

/** A healer of one damaged blob that no other peer can give; `meanwhile` happens while they are asked. */
function healerOf({ bytes, body }: Packed, meanwhile: (write: (bytes: Uint8Array) => void) => void): { healer: Healer; dropped: Cid[] } {
  let onDisk: Uint8Array = new Uint8Array(bytes.length);
  const dropped: Cid[] = [];
  const healer = new Healer({
    blobs: { read: async () => (async function* read() { yield onDisk; })() },
    releasesOf: async (): Promise<readonly ReleaseBody[]> => [body],
    drop: async (cid) => dropped.push(cid) > 0,
    log: silentLog,
    metrics: new Metrics(),
    stopping: new AbortController().signal,
    patience: 1,
  });
  healer.fetchBy({
    fetchBlob: async () => {
      meanwhile((sent) => (onDisk = sent));
      throw new SoukError('NO_PROVIDER', 'Nobody has it.');
    },
  });
  return { healer, dropped };
}

test('a damaged blob that nobody has to keep and nobody can give is deleted', async () => {
  const one = await packed('lost', '1.0.0');
  const { healer, dropped } = healerOf(one, () => undefined);
  await expect(healer.heal(one.cid)).rejects.toMatchObject({ code: 'NO_PROVIDER' });
  expect(dropped).toEqual([one.cid]);
});

test('one that is sent here again while other peers are asked for it is whole, and not deleted', async () => {
  const one = await packed('again', '1.0.0');
  const { healer, dropped } = healerOf(one, (write) => write(one.bytes));
  await healer.heal(one.cid);
  expect(dropped).toEqual([]);
  expect(healer.isAside(one.cid)).toBe(false);
});
