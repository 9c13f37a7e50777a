import { isSoukError, type VerifiedRecord } from '@souk/domain';
import { LogWriter } from '../builders/index.ts';

/** The first `length` records of the log that the key named `name` writes; the same ones each time. */
export function chain(name: string, length: number): [VerifiedRecord, VerifiedRecord, VerifiedRecord, ...VerifiedRecord[]] {
  return write(name, length, () => 1) as [VerifiedRecord, VerifiedRecord, VerifiedRecord, ...VerifiedRecord[]];
}

function write(name: string, length: number, choice: (seq: number) => number): VerifiedRecord[] {
  const writer = new LogWriter(name);
  for (let seq = 0; seq < length; seq += 1) writer.writeBytes('note', Uint8Array.of(0x82, seq % 24, choice(seq)));
  return writer.records;
}

/** The records 1 and 2 of another branch of `chain(name)`: it shares record 0. */
export function forked(name: string): { b1: VerifiedRecord; b2: VerifiedRecord } {
  const [, b1, b2] = write(name, 3, (seq) => (seq === 0 ? 1 : 2));
  return { b1: b1 as VerifiedRecord, b2: b2 as VerifiedRecord };
}

/** The code of a SoukError; a text that no code equals for anything else. */
export function codeOf(error: unknown): string {
  return isSoukError(error) ? error.code : `not a SoukError: ${String(error)}`;
}
