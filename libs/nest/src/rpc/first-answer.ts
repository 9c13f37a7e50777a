/** Asks a peer; the signal aborts when its answer is not wanted any more. */
export type Ask<T> = (ordinal: number, signal: AbortSignal) => Promise<T>;

/** How several peers are asked. */
export interface FirstAnswerOptions {
  /** Who is asked, in this order. */
  readonly ordinals: readonly number[];
  /** Whether an error says that a peer did not answer; any other one is its answer. */
  readonly isSilence: (error: unknown) => boolean;
  /** Resolves when the first one is late and the next is to be asked too; rejects when the signal aborts. Nobody is late when left out. */
  readonly late?: (over: AbortSignal) => Promise<unknown>;
  readonly onSilence: (ordinal: number) => void;
  readonly onOvertaken: (ordinal: number) => void;
  readonly signal?: AbortSignal;
}

type Outcome<T> = { readonly ordinal: number; readonly answer: T } | { readonly ordinal: number; readonly error: unknown };

/**
 * The first answer, and whose it is. The next one is asked when one was silent, and once when one is late. A refusal is an answer, but one of
 * who was asked because another was late waits for the other. Throws the refusal, or when all are silent what the first one said.
 */
export async function firstAnswer<T>(ask: Ask<T>, options: FirstAnswerOptions): Promise<{ readonly ordinal: number; readonly answer: T }> {
  const { isSilence, onSilence, onOvertaken, signal } = options;
  const rest = options.ordinals.values();
  const asked = new Map<number, { readonly outcome: Promise<Outcome<T>>; readonly unwanted: AbortController }>();
  const failures: unknown[] = [];
  let refusal: { readonly error: unknown } | undefined;
  const askNext = (): boolean => {
    const { value: ordinal, done } = rest.next();
    if (!done) asked.set(ordinal, begun(ask, ordinal, signal));
    return !done;
  };
  askNext();
  const waiting = new AbortController();
  let late = options.late?.(waiting.signal).then(() => 'late' as const, () => new Promise<never>(() => undefined));
  try {
    for (;;) {
      const outcomes = [...asked.values()].map((one) => one.outcome);
      const next = await Promise.race(late ? [...outcomes, late] : outcomes);
      if (next === 'late') {
        late = undefined;
        askNext();
        continue;
      }
      const isFirst = asked.keys().next().value === next.ordinal;
      asked.delete(next.ordinal);
      if ('answer' in next) {
        if (!isFirst) for (const ordinal of asked.keys()) onOvertaken(ordinal);
        return next;
      }
      if (signal?.aborted) throw next.error;
      if (!isSilence(next.error)) {
        if (isFirst) throw next.error;
        refusal = next;
        continue;
      }
      onSilence(next.ordinal);
      failures.push(next.error);
      if (asked.size > 0) continue;
      if (refusal) throw refusal.error;
      if (!askNext()) throw failures[0];
    }
  } finally {
    waiting.abort();
    for (const { unwanted } of asked.values()) unwanted.abort();
  }
}

function begun<T>(ask: Ask<T>, ordinal: number, signal: AbortSignal | undefined): { readonly outcome: Promise<Outcome<T>>; readonly unwanted: AbortController } {
  const unwanted = new AbortController();
  const either = signal ? AbortSignal.any([signal, unwanted.signal]) : unwanted.signal;
  const outcome = (async () => ask(ordinal, either))().then((answer) => ({ ordinal, answer }), (error: unknown) => ({ ordinal, error }));
  return { outcome, unwanted };
}
