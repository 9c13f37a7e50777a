import { maxMessageBytes } from '@souk/contracts';

/** What one answer may fill of a message: the rest is for its envelope. */
const usableBytes = Math.floor(maxMessageBytes * 0.85);

/** Counts what an answer has grown to, so that it ends before it is too large for one message. */
export class MessageBudget {
  #left = usableBytes;

  /** Takes a value into the answer if its JSON still fits; false, and nothing taken, when it does not. */
  takes(value: unknown): boolean {
    return this.takesText(JSON.stringify(value));
  }

  /** `takes` for a value that is JSON already. */
  takesText(json: string): boolean {
    const bytes = Buffer.byteLength(json) + 1;
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }
}

/** The longest beginning of a list that fits into one message. */
export function fitting<T>(values: readonly T[], budget: MessageBudget = new MessageBudget()): T[] {
  const end = values.findIndex((one) => !budget.takes(one));
  return end === -1 ? [...values] : values.slice(0, end);
}
