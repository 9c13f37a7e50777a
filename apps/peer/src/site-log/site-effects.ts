import { readFact, type StoredRecord, type VerifiedRecord } from '@souk/domain';
import type { Log } from '@souk/nest';
import type { PeerNode } from '@souk/p2p';
import type { Binder } from './binder.ts';
import type { SiteLog } from './site-log.ts';
import type { TakedownKeeper } from './takedown-keeper.ts';

/** What the site log has an effect on. */
export interface SiteEffectsNeeds {
  readonly siteLog: SiteLog;
  readonly node: Pick<PeerNode, 'hangUp' | 'onRecords'>;
  readonly keeper: TakedownKeeper;
  readonly binder: Binder;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Longest that a timer is set for, in milliseconds: timers of a month overflow. */
const longestMs = 3_600_000;

/** Does at this peer what the site log says, and writes into it what this peer notices: links to banned peers end, what was taken down is erased, bans that are over are ended. */
export class SiteEffects {
  readonly #needs: SiteEffectsNeeds;
  #timer: NodeJS.Timeout | undefined;
  #stopListening = (): void => undefined;
  #screening: Promise<void> = Promise.resolve();

  constructor(needs: SiteEffectsNeeds) {
    this.#needs = needs;
  }

  /** Catches up with what a crash may have cut off, and begins. */
  async start(): Promise<void> {
    const { siteLog, node, keeper, log } = this.#needs;
    siteLog.onAppended((added) => this.#appended(added));
    this.#stopListening = node.onRecords((records: readonly StoredRecord[]) => {
      this.#screening = this.#screening.then(() => this.screen(records)).catch((error: unknown) => log.error('What was taken down could not be erased', { error }));
    });
    await keeper.enforceAll();
    this.#waitForEnds();
  }

  /** Erases what was taken down among records that have just come from others, and binds names that are new here. */
  async screen(records: readonly StoredRecord[]): Promise<void> {
    await this.#needs.keeper.screen(records);
    await this.#needs.binder.arrived(records);
  }

  /** Ends, when what is under way is done. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#stopListening();
    await this.#screening;
    await this.#needs.binder.settled();
  }

  async #appended(added: readonly VerifiedRecord[]): Promise<void> {
    for (const record of added) {
      const fact = readFact(record);
      if (fact?.kind === 'takedown') await this.#needs.keeper.enforce(fact.body.subject);
      if (fact?.kind !== 'ban') continue;
      if (fact.body.subject.type === 'peer') await this.#needs.node.hangUp(fact.body.subject.id);
      this.#waitForEnds();
    }
  }

  #waitForEnds(): void {
    clearTimeout(this.#timer);
    const end = this.#needs.siteLog.state.bans.nextEnd();
    if (end === undefined) return;
    const wait = Math.min(Math.max(end - this.#needs.now(), 0), longestMs);
    this.#timer = setTimeout(() => void this.#endBans(), wait);
    this.#timer.unref();
  }

  /** A ban counts no longer once its time is over; that it is written down is for those who look by records only. */
  async #endBans(): Promise<void> {
    const { siteLog, log, now } = this.#needs;
    try {
      await siteLog.note((state) => state.bans.over(now()).map(({ subject }) => ({ kind: 'unban' as const, body: { subject } })));
      this.#waitForEnds();
    } catch (error) {
      log.warn('The end of a ban was not written to the site log', { error });
    }
  }
}
