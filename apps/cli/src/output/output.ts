import type { Host } from '../host.ts';
import { printable } from './printable.ts';

/**
 * What a command says. With `--json` standard output gets exactly one JSON value on one line, an answer or an error body;
 * without it text. Remarks and progress go to standard error.
 */
export interface Output {
  readonly json: boolean;
  /** Characters per line of the terminal; no limit when the output goes elsewhere. */
  readonly width: number;
  /** Whether progress may be drawn: a person looks at standard error and wants text. */
  readonly animated: boolean;
  /** The answer of a command: the value with `--json`, else its text. */
  answer(value: unknown, text: () => string): void;
  /** A remark for people. */
  note(text: string): void;
}

/** The output of one command on a host. */
export function outputOf(host: Host, json: boolean): Output {
  return {
    json,
    width: host.stdout.columns ?? Number.POSITIVE_INFINITY,
    animated: !json && host.stderr.isTTY === true,
    answer: (value, text) => {
      host.stdout.write(json ? `${JSON.stringify(value)}\n` : printable(text()));
    },
    note: (text) => {
      host.stderr.write(`${printable(text)}\n`);
    },
  };
}
