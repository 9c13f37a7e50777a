import { randomUUID } from 'node:crypto';
import type { Host } from '../host.ts';

/** One request of a command, in its trace. */
export interface RequestTrace {
  /** What tells the site which trace this is. */
  readonly headers: Readonly<Record<string, string>>;
  /** It was answered with that status, or failed with that code. */
  end(outcome: { readonly status?: number; readonly code?: string }): void;
}

/** The trace of one command. */
export interface CommandTrace {
  request(method: string, route: string): RequestTrace;
  /** The command is over, with that exit code; resolves when what was recorded is sent, or given up after a second. */
  end(exitCode: number): Promise<void>;
}

/** Names its requests by one id, which the logs of the site and its errors have, and records nothing: whether the site does is the site's decision. */
function namedOnly(): CommandTrace {
  const headers = { 'x-trace-id': randomUUID().replaceAll('-', '') };
  return { request: () => ({ headers, end: () => undefined }), end: async () => undefined };
}

/**
 * Begins the trace of a command. It is recorded and sent where OTEL_EXPORTER_OTLP_ENDPOINT says, as for a service: `souk <command>` with a span for each
 * request. OpenTelemetry is loaded only then; where it can't be (Node before 22), nothing is recorded.
 */
export async function commandTrace(host: Host, command: string, version: string): Promise<CommandTrace> {
  const endpoint = host.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (endpoint === undefined || endpoint === '') return namedOnly();
  try {
    const { recordedTrace } = await import('./recorded-trace.ts');
    return recordedTrace(host.env, { endpoint, command, version });
  } catch (error) {
    host.stderr.write(`The trace of this command is not recorded: ${error instanceof Error ? error.message : String(error)}\n`);
    return namedOnly();
  }
}
