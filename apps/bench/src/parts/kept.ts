import type { Bench } from '../runner/bench.ts';

/** Something that can be ended. */
export interface Stoppable {
  stop(): Promise<void>;
}

/**
 * Something that takes long to set up and that several scenarios use one after the other: the one that was made last is kept for whoever asks for
 * the same key next, and ended when another key is asked for, or with the run.
 */
export function kept<K, T extends Stoppable>(make: (key: K, bench: Bench) => Promise<T>): (key: K, bench: Bench) => Promise<T> {
  const last = new WeakMap<Bench, { readonly key: K; readonly made: Promise<T> }>();
  return async (key, bench) => {
    const known = last.get(bench);
    if (known?.key === key) return known.made;
    await known?.made.then((one) => one.stop(), () => undefined);
    const made = make(key, bench);
    last.set(bench, { key, made });
    // What could not be made must not be waited for by the next one that wants it.
    made.catch(() => last.delete(bench));
    return made;
  };
}
