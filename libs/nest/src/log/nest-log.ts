import type { LoggerService } from '@nestjs/common';
import { isSoukError } from '@souk/domain';
import type { Log } from './log.ts';

/**
 * Nest's own messages in the one log: warnings and errors only. Nest keeps one logger per process,
 * so where several services share a process these lines do not say which of them they belong to.
 * A SoukError that ends a start is left to whoever started: it is said once, for people.
 */
export class NestLog implements LoggerService {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  log(): void {}

  debug(): void {}

  verbose(): void {}

  warn(message: unknown, ...rest: unknown[]): void {
    this.#log.warn(textOf(message), factsOf(message, rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    if (isSoukError(message)) return;
    this.#log.error(textOf(message), factsOf(message, rest));
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.#log.error(textOf(message), factsOf(message, rest));
  }
}

function textOf(message: unknown): string {
  return message instanceof Error ? message.message : String(message);
}

/** Nest passes stack and context as trailing strings; the context comes last. */
function factsOf(message: unknown, rest: readonly unknown[]): { error?: unknown; nest?: unknown; stack?: unknown } {
  const strings = rest.filter((part) => typeof part === 'string');
  return {
    ...(message instanceof Error ? { error: message } : {}),
    ...(strings.length > 0 ? { nest: strings.at(-1) } : {}),
    ...(strings.length > 1 ? { stack: strings[0] } : {}),
  };
}
