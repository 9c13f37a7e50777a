/** What one run of the suite shares: its options, a temporary folder, and what has to be ended with it. */
export interface Bench {
  /** Whether the sizes and repetitions of `--quick` are wanted. */
  readonly quick: boolean;
  /** A temporary folder of this run; removed when it ends. */
  readonly scratch: string;
  /** Aborts when the run is interrupted. */
  readonly signal: AbortSignal;
  /** Tells the person who waits what goes on; never part of the report. */
  say(text: string): void;
  /** Has something ended with the run, the latest first. */
  atEnd(end: () => Promise<void>): void;
}

/** Something that several scenarios of one run use: made when the first one asks for it. It ends itself by `bench.atEnd`. */
export function shared<T>(make: (bench: Bench) => Promise<T>): (bench: Bench) => Promise<T> {
  const made = new WeakMap<Bench, Promise<T>>();
  return (bench) => {
    const known = made.get(bench) ?? make(bench);
    made.set(bench, known);
    return known;
  };
}
