import { expect, test } from '@jest/globals';
import { MemoryLogStore, SoukError, type StoredRecord, type VerifiedRecord } from '@souk/domain';
import { silentLog } from '@souk/nest';
import type { PeerNode, SuperAnswer } from '@souk/p2p';
import { author } from '@souk/testing/builders';
import { FollowedList } from './followed-list.ts';

/** A node whose super-peers tell what a test lets them tell. */
class Told {
  records: readonly VerifiedRecord[] | undefined = [];
  asked = 0;
  supers: readonly string[] = [];
  links = (): void => undefined;
  heard = (_records: readonly StoredRecord[]): void => undefined;

  readonly node = {
    ask: async (): Promise<SuperAnswer> => {
      this.asked += 1;
      if (!this.records) throw new SoukError('UNAVAILABLE', 'No super-peer answers.');
      return { superPeer: 'super', records: this.records, later: [] };
    },
    onLinks: (listener: () => void) => ((this.links = listener), () => undefined),
    onRecords: (listener: (records: readonly StoredRecord[]) => void) => ((this.heard = listener), () => undefined),
    superPeers: () => this.supers,
  } as unknown as PeerNode;
}

const [ada, bob] = [author('ada'), author('bob')];
const keys = (one: typeof ada): string[] => [one.root.key, one.device.key];

function listOf(told: Told): { list: FollowedList; changed: () => number } {
  const list = new FollowedList({ publishers: [ada.id, bob.id], names: [] }, silentLog);
  let changes = 0;
  list.onChanged(() => (changes += 1));
  list.start(told.node);
  return { list, changed: () => changes };
}

test('what records prove is followed, and stays followed when the next super-peer leaves it out or none answers', async () => {
  const told = new Told();
  const { list, changed } = listOf(told);
  for (const records of [ada.records, bob.records, [], undefined]) {
    told.records = records;
    await list.ask();
  }
  expect([...list.listed()].sort()).toEqual([...keys(ada), ...keys(bob)].sort());
  expect(changed()).toBe(2);
  list.stop();
});

test('super-peers are asked when a link to one came, and when a log that is followed names another key', async () => {
  const told = new Told();
  const { list } = listOf(told);
  told.supers = ['super'];
  told.links();
  await list.ask();
  const before = told.asked;
  told.links();
  const [grant] = (await new MemoryLogStore({ now: () => 0 }).append(ada.root.records)).added.slice(1);
  told.heard([grant as StoredRecord]);
  await list.ask();
  expect(told.asked).toBeGreaterThan(before);
  list.stop();
});

test('a list that means nothing asks nobody', async () => {
  const told = new Told();
  const list = new FollowedList({ publishers: [], names: [] }, silentLog);
  list.start(told.node);
  await list.ask();
  expect([told.asked, list.listed().size]).toEqual([0, 0]);
  list.stop();
});
