import type { AppendInput, AppendOutput } from '@souk/contracts';
import { fromWire, namedBlob, parseRecord, type Cid } from '@souk/domain';
import type PQueue from 'p-queue';
import type { BulkThread } from '../bulk/bulk-thread.ts';
import type { Retention } from '../retention/retention.ts';
import type { RoomKeeper } from '../retention/room-keeper.ts';
import type { SiteRole } from '../replication/site-role.ts';
import type { Sight } from '../site-log/binder.ts';
import type { Appending } from './announce.ts';
import type { Appender } from './appender.ts';

/** Most records that are verified and written between the other work of this thread; 64 take some 20 ms. */
const maxInline = 64;

/** What a door leads to. */
export interface DoorNeeds {
  readonly appender: Appender;
  readonly bulk: Pick<BulkThread, 'append'>;
  readonly retention: Pick<Retention, 'whileAppending'>;
  readonly room: Pick<RoomKeeper, 'requireDisk'>;
  readonly role: Pick<SiteRole, 'requireTaking' | 'acknowledged' | 'isAlone'>;
  /** The appender's turns. */
  readonly turns: PQueue;
  readonly onAppended: (appending: Appending) => Promise<void>;
  /** Hears which names were taken, before the next append is judged. */
  readonly onSights: (sights: readonly Sight[]) => Promise<void>;
}

/** Where appends come in: a few records are appended at once, many by the thread for bulk work, and never two appends at a time. */
export class AppendDoor {
  readonly #needs: DoorNeeds;

  constructor(needs: DoorNeeds) {
    this.#needs = needs;
  }

  /**
   * `Appender.append`, here or in the thread; who waits with few records goes first. Resolves when as many peers of the site have it on disk as
   * are to; also for records that are held already, because nobody may have been told. Throws what the peer's role in its site throws.
   */
  async append(input: AppendInput): Promise<AppendOutput> {
    const { appender, turns, role } = this.#needs;
    await role.requireTaking();
    const output = await (input.records.length <= maxInline ? appender.append(input) : turns.add(() => this.#inBulk(input), { priority: -1 }));
    await role.acknowledged(role.isAlone ? [] : blobsOf(input));
    return output;
  }

  async #inBulk(input: AppendInput): Promise<AppendOutput> {
    const { bulk, retention, room, onAppended, onSights } = this.#needs;
    await room.requireDisk();
    const { output, news } = await retention.whileAppending(() => bulk.append(input));
    if (news) await onSights(news.sights);
    // The thread verified them; here they are only told on.
    if (news) await onAppended({ arrival: news.arrival, cids: news.cids, records: news.newest.map((record) => parseRecord(fromWire(record))) });
    return output;
  }
}

/** The blobs that verified records name, each once. */
function blobsOf({ records }: AppendInput): Cid[] {
  return [...new Set(records.flatMap((one) => namedBlob(parseRecord(fromWire(one)))?.cid ?? []))];
}
