import type { LogName } from '@souk/contracts';
import { isSoukError, SoukError, toWire, type Appended, type Cid, type LogStore, type StoredRecord, type VerifiedRecord } from '@souk/domain';
import type { Condition } from '@souk/nest';
import { MessageBudget } from '../message-budget.ts';
import { unheldRecords } from '../append/unheld-records.ts';
import type { OrderKeeper } from './order-keeper.ts';
import type { SettledMark } from './settled-mark.ts';
import type { SiteCalls } from './site-calls.ts';
import { appendingBy, type SiteRole } from './site-role.ts';

/** What a replica needs. */
export interface ReplicaNeeds {
  readonly logs: LogStore;
  /** Takes over the logs that other sites send records of. */
  readonly keeper: OrderKeeper;
  /** The logs that the primary brings. */
  readonly names: readonly LogName[];
  readonly calls: SiteCalls;
  readonly mark: SettledMark;
  /** Met once the replica has been level with the primary. */
  readonly condition: Condition;
  readonly stopping: AbortSignal;
}

/** How long a replica waits for the primary to bring back what it handed on, in milliseconds. */
const broughtMs = 10_000;

/** A peer that holds what the primary brings it, in the primary's order, and takes nothing from anybody else. */
export class Replica implements SiteRole {
  readonly #needs: ReplicaNeeds;
  /** Logs of which the primary did not say yet that this peer is level. */
  readonly #missing: Set<LogName>;

  constructor(needs: ReplicaNeeds) {
    this.#needs = needs;
    this.#missing = new Set(needs.names);
    if (needs.mark.isSettled) needs.condition.met();
    else needs.condition.unmet('the primary has not brought everything yet');
  }

  async requireTaking(): Promise<void> {
    throw new SoukError('NOT_PRIMARY', 'This peer is a replica; publishers write to the primary of the site.', { hint: 'Address the peer with ordinal 0; while it is down nothing is published and everything else goes on.' });
  }

  async acknowledged(): Promise<void> {
    await this.requireTaking();
  }

  async placed(_cids: readonly Cid[]): Promise<void> {
    return undefined;
  }

  wake(): void {
    return undefined;
  }

  /** The primary said that this peer is level with it in one of the logs. */
  async level(name: LogName): Promise<void> {
    const { mark, logs, condition } = this.#needs;
    this.#missing.delete(name);
    if (this.#missing.size > 0) return;
    if (!mark.isSettled) await mark.settle((await logs.size()).arrival);
    condition.met();
  }

  nodeLogs(logs: LogStore): LogStore {
    return appendingBy(logs, (records) => this.#handOn(logs, records));
  }

  async settled(): Promise<void> {
    return undefined;
  }

  /**
   * The primary decides when a foreign record arrived; here it is once the primary has brought it. Throws what the primary refuses it for, and
   * UNAVAILABLE while there is none: other sites send it again.
   */
  async #handOn(logs: LogStore, records: readonly VerifiedRecord[]): Promise<Appended> {
    const { calls, keeper, stopping } = this.#needs;
    const news = await unheldRecords(logs, records);
    const before = await logs.order();
    for (let rest = news; rest.length > 0; ) {
      const page = pageOf(rest);
      const target = await calls.handOn(page);
      await this.#brought(keeper.reached(target, AbortSignal.any([stopping, AbortSignal.timeout(broughtMs)])));
      rest = rest.slice(page.length);
    }
    const after = await logs.order();
    return { added: await this.#nowHeld(logs, news, before.arrival), forks: after.forks === before.forks ? [] : await this.#forksOf(logs, news) };
  }

  async #brought(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (cause) {
      throw new SoukError('UNAVAILABLE', 'The primary took the records and did not bring them back in time.', { hint: 'They come with the next exchange.', cause });
    }
  }

  async #nowHeld(logs: LogStore, news: readonly VerifiedRecord[], after: number): Promise<StoredRecord[]> {
    const added: StoredRecord[] = [];
    for (const record of news) {
      const [held] = await logs.read(record.key, record.fields.seq, 1);
      if (held && held.arrival > after && Buffer.compare(held.record.hash, record.hash) === 0) added.push(held);
    }
    return added;
  }

  async #forksOf(logs: LogStore, news: readonly VerifiedRecord[]): Promise<Appended['forks']> {
    const proofs = await Promise.all([...new Set(news.map((one) => one.key))].map((key) => logs.fork(key)));
    return proofs.filter((proof) => proof !== undefined);
  }
}

/** As many records as fit into one message, at least one. */
function pageOf(records: readonly VerifiedRecord[]): ReturnType<typeof toWire>[] {
  const budget = new MessageBudget();
  const page: ReturnType<typeof toWire>[] = [];
  for (const record of records.slice(0, 500)) {
    const one = toWire(record);
    if (!budget.takes(one)) break;
    page.push(one);
  }
  return page;
}

/** Whether an error only says that somebody does not answer. */
export function isSilence(error: unknown): boolean {
  return isSoukError(error) && (error.code === 'UNAVAILABLE' || error.code === 'TIMEOUT');
}
