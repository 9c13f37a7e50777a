import type { BodyOf } from '../record/body.ts';
import type { BanSubject } from '../record/site-body.ts';

/** A ban that is not over. */
export type Ban = Readonly<Pick<BodyOf<'ban'>, 'subject' | 'until' | 'reason'>>;

const keyOf = ({ type, id }: BanSubject): string => `${type}:${id}`;

/** Who is shut out, as the records of a site log in their order make it. */
export class Bans {
  readonly #bans = new Map<string, Ban>();

  /** Takes a ban; the last word about somebody counts. */
  takeBan({ subject, until, reason }: BodyOf<'ban'>): void {
    this.#bans.set(keyOf(subject), { subject, reason, ...(until === undefined ? {} : { until }) });
  }

  /** Takes the end of a ban. */
  takeUnban({ subject }: BodyOf<'unban'>): void {
    this.#bans.delete(keyOf(subject));
  }

  /** The ban of somebody that holds at a time (milliseconds since 1970). */
  of(subject: BanSubject, now: number): Ban | undefined {
    const ban = this.#bans.get(keyOf(subject));
    return ban === undefined || (ban.until !== undefined && now >= ban.until) ? undefined : ban;
  }

  /** The bans that hold at a time. */
  list(now: number): readonly Ban[] {
    return [...this.#bans.values()].filter((one) => this.of(one.subject, now) !== undefined);
  }

  /** The bans whose time is over and that no record has ended yet. */
  over(now: number): readonly Ban[] {
    return [...this.#bans.values()].filter((one) => one.until !== undefined && now >= one.until);
  }

  /** When the next ban is over, in milliseconds since 1970; undefined when none is timed. */
  nextEnd(): number | undefined {
    const ends = [...this.#bans.values()].flatMap((one) => one.until ?? []);
    return ends.length === 0 ? undefined : Math.min(...ends);
  }
}
