import { expect, test } from '@jest/globals';
import { maxSync, protocols } from '@souk/contracts';
import { keyId, MemoryLogStore, sha256Of, type Head, type KeyId, type StoredRecord, type VerifiedRecord } from '@souk/domain';
import { LogWriter, network, type TestPeer } from '@souk/testing';

const note = Uint8Array.of(0xa0);

/** Holds, beside its records, the heads of many logs that it never has to show, because the other side holds them too. */
class CrowdedStore extends MemoryLogStore {
  readonly #crowd: readonly Head[];

  constructor(crowd: readonly Head[]) {
    super({ now: () => 0 });
    this.#crowd = crowd;
  }

  override async heads(after: KeyId | undefined, limit: number): Promise<readonly Head[]> {
    let low = 0;
    for (let high = this.#crowd.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (after !== undefined && (this.#crowd[middle] as Head).key <= after) low = middle + 1;
      else high = middle;
    }
    const both = [...this.#crowd.slice(low, low + limit), ...(await super.heads(after, limit))];
    return both.sort((a, b) => (a.key < b.key ? -1 : 1)).slice(0, limit);
  }
}

function crowd(size: number): Head[] {
  const heads = Array.from({ length: size }, (_, index) => {
    const hash = sha256Of(Uint8Array.of(index >> 16, (index >> 8) & 255, index & 255));
    return { key: keyId(hash), seq: 3, hash };
  });
  return heads.sort((a, b) => (a.key < b.key ? -1 : 1));
}

interface Traffic {
  bytes: number;
  frames: number;
}

/** Two linked peers that hold the same heads, and what passes on sync streams at the second from then on. The first one never asks back. */
async function equals(net: ReturnType<typeof network>, heads: readonly Head[]): Promise<{ a: TestPeer; b: TestPeer; traffic: Traffic }> {
  const traffic = { bytes: 0, frames: 0 };
  const { promise: greeted, resolve } = Promise.withResolvers<void>();
  const count = (protocol: string, bytes: number): void => {
    if (protocol !== protocols.sync) return;
    traffic.bytes += bytes;
    traffic.frames += 1;
    if (traffic.frames === 2) resolve();
  };
  const a = await net.peer('a', { logs: new CrowdedStore(heads), limits: { parallelSyncs: 0 } });
  const b = await net.peer('b', { logs: new CrowdedStore(heads), tap: { sent: count, received: count } });
  expect(await a.node.headRoot()).toBe(await b.node.headRoot());
  await b.node.dial(a.node.multiaddrs()[0] as string);
  // The exchange that a new link brings about, which begins when it likes.
  await greeted;
  Object.assign(traffic, { bytes: 0, frames: 0 });
  return { a, b, traffic };
}

/** Records of new logs of one record each. */
function newLogs(name: string, count: number): VerifiedRecord[] {
  return Array.from({ length: count }, (_, index) => new LogWriter(`${name} ${index}`).writeBytes('note', note));
}

async function costOf(size: number, differences: number): Promise<number> {
  await using net = network();
  const { a, b, traffic } = await equals(net, crowd(size));
  await a.logs.append(newLogs('new', differences));
  expect(await b.node.syncWith(a.id)).toMatchObject({ same: false, records: differences });
  const { bytes } = traffic;
  expect(await b.node.headRoot()).toBe(await a.node.headRoot());
  return bytes;
}

test('at 100,000 logs: two hashes when nothing differs, and bytes that grow with the differences alone', async () => {
  const heads = crowd(100_000);
  await using net = network();
  const { a, b, traffic } = await equals(net, heads);
  expect((await b.node.syncWith(a.id)).same).toBe(true);
  expect(traffic).toEqual({ bytes: 80 + 8, frames: 2 });
  const costs: number[] = [];
  for (const differences of [1, 10, 100]) {
    await a.logs.append(newLogs(`of ${differences}`, differences));
    Object.assign(traffic, { bytes: 0, frames: 0 });
    expect(await b.node.syncWith(a.id)).toMatchObject({ same: false, records: differences });
    costs.push(traffic.bytes);
  }
  // Per difference: a node of 512 bytes on each of three levels, a leaf of some 24 heads; the record.
  // Heads of all logs would be 11 MB.
  const [one, ten, hundred] = costs as [number, number, number];
  expect(one).toBeLessThan(10_000);
  expect(ten).toBeLessThan(10 * one);
  expect(hundred).toBeLessThan(100 * one);
  expect(await b.node.headRoot()).toBe(await a.node.headRoot());
});

test('a hundred times the logs cost two levels more', async () => {
  const [few, many] = [await costOf(300, 1), await costOf(30_000, 1)];
  expect(many).toBeLessThan(few + 2 * 700 + 3_000);
});

/** Counts the records that it gives away page by page, and once, after so many of them, keeps whoever asks waiting. */
class HeldUpStore extends MemoryLogStore {
  served = 0;
  readonly #after: number;
  readonly #reached = Promise.withResolvers<void>();
  readonly #released = Promise.withResolvers<void>();
  #isHeld = false;

  constructor(after: number) {
    super({ now: () => 0 });
    this.#after = after;
  }

  /** Resolves when somebody waits. */
  get heldUp(): Promise<void> {
    return this.#reached.promise;
  }

  release(): void {
    this.#released.resolve();
  }

  override async read(key: KeyId, from: number, limit: number): Promise<readonly StoredRecord[]> {
    // One alone is looked at to compare, not to be sent.
    if (limit === 1) return super.read(key, from, limit);
    if (this.served >= this.#after && !this.#isHeld) {
      this.#isHeld = true;
      this.#reached.resolve();
      await this.#released.promise;
      return [];
    }
    const records = await super.read(key, from, limit);
    this.served += records.length;
    return records;
  }
}

/** Counts the records that it is given, known ones too. */
class OfferedStore extends MemoryLogStore {
  offered = 0;

  override append(...args: Parameters<MemoryLogStore['append']>): ReturnType<MemoryLogStore['append']> {
    this.offered += args[0].length;
    return super.append(...args);
  }
}

/** `b` takes `records` from `a`; while `a` keeps it waiting, the link is cut, and made again. */
async function cutAndHealed(records: readonly VerifiedRecord[], after: number): Promise<{ served: number; offered: number; heldAtCut: number }> {
  await using net = network();
  const [from, to] = [new HeldUpStore(after), new OfferedStore({ now: () => 0 })];
  await from.append(records);
  const a = await net.peer('a', { logs: from });
  const b = await net.peer('b', { logs: to });
  await b.node.dial(a.node.multiaddrs()[0] as string);
  await from.heldUp;
  await net.part([a], [b]);
  const heldAtCut = (await to.size()).records;
  from.release();
  net.heal();
  await b.node.dial(a.node.multiaddrs()[0] as string);
  await net.converged();
  return { served: from.served, offered: to.offered, heldAtCut };
}

test('an exchange that is cut goes on where it was: of a long log, nothing is asked for again', async () => {
  const writer = new LogWriter('novelist');
  const records = Array.from({ length: 1200 }, () => writer.writeBytes('note', note));
  // The third request is sent when the records of the first two are in; the last of them wait for a full batch when the link goes.
  expect(await cutAndHealed(records, 2 * maxSync.records)).toMatchObject({ served: 1200, offered: 1200 });
});

test('an exchange that is cut goes on where it was: of many logs, no record is taken twice', async () => {
  const writer = new LogWriter('novelist');
  const records = [...Array.from({ length: 300 }, () => writer.writeBytes('note', note)), ...newLogs('short', 400)];
  const { offered, heldAtCut } = await cutAndHealed(records, 350);
  expect(offered).toBe(records.length);
  expect(heldAtCut).toBeLessThan(records.length);
});
