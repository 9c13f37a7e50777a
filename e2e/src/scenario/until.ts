const pauseMs = 25;

/** What `until` waits for. */
export interface Awaited<T> {
  /** What should come true, as the end of "waited for ..." */
  readonly what: string;
  readonly read: () => Promise<T>;
  readonly isDone: (value: T) => boolean;
  /** Milliseconds after which the wait fails; 120,000 unless told: it bounds what hangs, and a busy machine is slow. */
  readonly deadlineMs?: number;
}

/** Reads again and again until the value is as wanted, and answers it. Throws what was read last when the deadline passes. */
export async function until<T>({ what, read, isDone, deadlineMs = 120_000 }: Awaited<T>): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const value = await read();
    if (isDone(value)) return value;
    if (performance.now() > end) throw new Error(`Waited ${deadlineMs} ms for ${what}; the last answer was ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
