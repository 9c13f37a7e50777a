/** A question that a frame asks, on either side. */
export interface Exchange {
  readonly protocol: string;
  /** The type of the frame. */
  readonly question: string;
  /** Who is on the other side, where that is known. */
  readonly peer?: string | undefined;
}

/** How frames take part in tracing: a W3C traceparent goes out with what we ask, and what others ask runs under theirs. */
export interface TraceHook {
  /** The traceparent of the running code, undefined when nothing is traced. */
  current(): string | undefined;
  /** Runs an exchange that we begin as a piece of work of its own. */
  ask<T>(exchange: Exchange, work: () => Promise<T>): Promise<T>;
  /** Runs the answer to a frame that came with this traceparent. */
  serve<T>(exchange: Exchange, traceparent: string, work: () => Promise<T>): Promise<T>;
}

/** Runs the answer to a frame under the traceparent that came with it, when both are there. */
export function underTrace<T>(hook: TraceHook | undefined, channel: { readonly protocol: string; readonly peer?: string | undefined }, frame: { readonly t: string; readonly trace?: string | undefined }, work: () => Promise<T>): Promise<T> {
  if (!hook || frame.trace === undefined) return work();
  return hook.serve({ protocol: channel.protocol, question: frame.t, peer: channel.peer }, frame.trace, work);
}
