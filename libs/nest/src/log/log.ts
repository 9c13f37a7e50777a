import { pino, type DestinationStream, type Logger } from 'pino';
import { currentTrace } from '../trace/trace.ts';

/** Levels of the log, least to most urgent; `silent` writes nothing. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** How a log is made. */
export interface LogOptions {
  /** Least urgent level that is written; `info` unless given. */
  readonly level?: LogLevel;
  /** Receives each line; standard error unless given, so that standard output stays free for answers. */
  readonly destination?: { write(line: string): void };
}

/** What a line says beside its message; JSON values and one `error`. */
export interface LogFacts {
  /** What went wrong: written with stack and causes. */
  readonly error?: unknown;
  readonly [fact: string]: unknown;
}

const secretNames = ['token', 'password', 'secret', 'authorization', 'cookie', 'networkKey', 'privateKey', 'invite'];

/** One JSON line per event worth waking up for, with the trace id of the code that wrote it. Facts named like secrets are not written. */
export class Log {
  readonly #pino: Logger;

  constructor(logger: Logger) {
    this.#pino = logger;
  }

  /** What only helps while looking for a fault. */
  debug(message: string, facts: LogFacts = {}): void {
    this.#pino.debug(facts, message);
  }

  /** Something that an operator wants to find later: started, joined, stopped. */
  info(message: string, facts: LogFacts = {}): void {
    this.#pino.info(facts, message);
  }

  /** Something that works no worse yet, but needs eyes. */
  warn(message: string, facts: LogFacts = {}): void {
    this.#pino.warn(facts, message);
  }

  /** Something that is broken: a bug, a disk, a lost promise. */
  error(message: string, facts: LogFacts = {}): void {
    this.#pino.error(facts, message);
  }

  /** A log whose lines carry these facts too. */
  with(facts: Readonly<Record<string, string | number>>): Log {
    return new Log(this.#pino.child(facts));
  }
}

/** Makes a log that writes JSON lines: `{ level, time, msg, service?, traceId?, spanId?, error?, ... }`. */
export function createLog(options: LogOptions = {}): Log {
  const destination: DestinationStream = options.destination ?? pino.destination({ fd: 2, sync: true });
  return new Log(
    pino(
      {
        level: options.level ?? 'info',
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        serializers: { error: pino.stdSerializers.errWithCause },
        redact: { paths: secretNames.flatMap((name) => [name, `*.${name}`]), censor: '***' },
        mixin: () => {
          const trace = currentTrace();
          return trace ? { traceId: trace.traceId, spanId: trace.spanId } : {};
        },
      },
      destination,
    ),
  );
}

/** A log that writes nothing. */
export const silentLog: Log = createLog({ level: 'silent', destination: { write: () => {} } });
