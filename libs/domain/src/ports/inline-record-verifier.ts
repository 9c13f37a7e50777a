import { throwIfAborted } from '../errors/abort.ts';
import { isSoukError } from '../errors/souk-error.ts';
import type { SignedRecord, VerifiedRecord } from '../record/signed-record.ts';
import { verify } from '../record/verify.ts';
import type { RecordVerifier, VerifiedRun } from './record-verifier.ts';
import { storeClosed } from './store-closed.ts';

/** Signatures checked before other work gets its turn: some 5 ms. */
const perTurn = 64;

/** Verifies where it is called, with turns for others in between. */
export class InlineRecordVerifier implements RecordVerifier {
  readonly #nextTurn: () => Promise<unknown>;
  #closed = false;

  /** `nextTurn` resolves when everybody else on the event loop had a turn. */
  constructor(nextTurn: () => Promise<unknown>) {
    this.#nextTurn = nextTurn;
  }

  async verifyRun(signed: readonly SignedRecord[], { signal }: { readonly signal?: AbortSignal } = {}): Promise<VerifiedRun> {
    const records: VerifiedRecord[] = [];
    if (this.#closed) throw storeClosed('record verifier');
    throwIfAborted(signal, 'Verifying');
    for (const one of signed) {
      if (records.length > 0 && records.length % perTurn === 0) {
        await this.#nextTurn();
        throwIfAborted(signal, 'Verifying');
      }
      try {
        records.push(verify(one));
      } catch (error) {
        if (!isSoukError(error)) throw error;
        return { records, problem: error };
      }
    }
    return { records };
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}
