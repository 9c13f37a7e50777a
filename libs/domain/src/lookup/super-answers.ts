/**
 * How a super-peer's answer turned out: `ok`; `silent`: none in time; `bad-answer`: frames or leases that are not what they should be;
 * `omitted`: another super-peer knew more; `invented`: a provider that it named does not have the blob; `dead`: one could not be reached;
 * `frozen`: what it signs to be there lacks what has long been, or is old.
 */
export type SuperVerdict = 'ok' | 'silent' | 'bad-answer' | 'omitted' | 'invented' | 'dead' | 'frozen';

/** What became of one super-peer's answers. Times are milliseconds since 1970. */
export interface SuperAnswers {
  /** How often each verdict was given; those that never were are left out. */
  readonly verdicts: Readonly<Partial<Record<SuperVerdict, number>>>;
  /** Answers of it that were checked with another super-peer. */
  readonly audits: number;
  /** When it answered last, and how long that took in milliseconds. */
  readonly answeredAt?: number;
  readonly answerMs?: number;
  /** When the last verdict other than `ok` was given, and which. */
  readonly failedAt?: number;
  readonly failedBy?: SuperVerdict;
}

const nothing: SuperAnswers = { verdicts: {}, audits: 0 };
/** A charter names at most 64; those of earlier ones make room. */
const maxSupers = 256;

/** What became of the answers of super-peers since this peer started; of too many the one that was heard of least lately is forgotten. */
export class SuperLedger {
  readonly #supers = new Map<string, SuperAnswers>();

  /** An answer turned out like this; `tookMs` how long it took, where it is one of a lookup. */
  judged(peer: string, verdict: SuperVerdict, now: number, tookMs?: number): void {
    const held = this.of(peer);
    const verdicts = { ...held.verdicts, [verdict]: (held.verdicts[verdict] ?? 0) + 1 };
    const said = verdict === 'ok' ? { answeredAt: now, ...(tookMs === undefined ? {} : { answerMs: tookMs }) } : { failedAt: now, failedBy: verdict };
    this.#note(peer, { ...held, verdicts, ...said });
  }

  /** An answer is being checked with another super-peer. */
  audited(peer: string): void {
    const held = this.of(peer);
    this.#note(peer, { ...held, audits: held.audits + 1 });
  }

  /** What is known of a super-peer's answers. */
  of(peer: string): SuperAnswers {
    return this.#supers.get(peer) ?? nothing;
  }

  #note(peer: string, answers: SuperAnswers): void {
    this.#supers.delete(peer);
    const oldest = this.#supers.keys().next().value;
    if (this.#supers.size >= maxSupers && oldest !== undefined) this.#supers.delete(oldest);
    this.#supers.set(peer, answers);
  }
}
