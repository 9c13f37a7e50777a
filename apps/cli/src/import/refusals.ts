import { errorTable, isErrorCode, isSoukError, toErrorBody } from '@souk/domain';

/** A line that was not imported, and why. */
export interface Refusal {
  /** From 1. */
  readonly line: number;
  readonly name?: string;
  readonly version?: string;
  readonly code: string;
  readonly message: string;
  readonly details?: Record<string, unknown>;
}

/** Most refusals that are kept; all are counted. */
const maxKept = 10_000;

/** The lines that were not imported. */
export class Refusals {
  readonly kept: Refusal[] = [];
  #total = 0;

  /** How many there are. */
  get total(): number {
    return this.#total;
  }

  /** Exit code of the first one's error; 0 when there is none. */
  get exitCode(): number {
    const code = this.kept[0]?.code ?? '';
    return this.#total === 0 ? 0 : isErrorCode(code) ? errorTable[code].exit : errorTable.INTERNAL.exit;
  }

  /** Takes a line that can't be imported as it is. What has nothing to do with the line - a full disk, an interruption - is thrown again. */
  add(line: { readonly line: number; readonly name?: string; readonly version?: string }, error: unknown): void {
    if (!isSoukError(error) || error.entry.retry || error.code.startsWith('STORAGE_')) throw error;
    this.#total += 1;
    if (this.kept.length >= maxKept) return;
    const { code, message, details } = toErrorBody(error);
    const { name, version } = line;
    this.kept.push({ line: line.line, ...(name === undefined ? {} : { name }), ...(version === undefined ? {} : { version }), code, message, ...(details ? { details } : {}) });
  }
}
