/** How frames take part in tracing: a W3C traceparent goes out with what we ask, and what others ask runs under theirs. */
export interface TraceHook {
  /** The traceparent of the running code, undefined when nothing is traced. */
  current(): string | undefined;
  /** Runs a handler as a child of a traceparent that came with a frame. */
  run<T>(traceparent: string, work: () => Promise<T>): Promise<T>;
}

/** Runs the answer to a frame under the traceparent that came with it, when both are there. */
export function underTrace<T>(hook: TraceHook | undefined, traceparent: string | undefined, work: () => Promise<T>): Promise<T> {
  return hook && traceparent !== undefined ? hook.run(traceparent, work) : work();
}
