import { SoukError } from '@souk/domain';
import type { Message } from '../transport/connection.ts';
import { noListener } from './no-listener.ts';
import { header, itemCost } from './wire.ts';

/** What a reader of a stream needs. */
export interface StreamReaderOptions {
  readonly subject: string;
  /** Bytes of items that may be on their way to this side or wait here. */
  readonly window: number;
  /** Most bytes of one message: the last one within the window may overshoot it, and error and end come on top. */
  readonly maxMessageBytes: number;
  /** Longest wait for the next item, in milliseconds. */
  readonly timeoutMs: number;
  /** Tells the server that it may send so many bytes more. */
  readonly grant: (bytes: number) => void;
}

/** The receiving end of a stream: items in order, never more than the window, and a server that waits when nobody reads. */
export class StreamReader {
  readonly #options: StreamReaderOptions;
  #waiting: Message[] = [];
  #waitingBytes = 0;
  #taken = 0;
  #seq = 0;
  #failure: SoukError | undefined;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(options: StreamReaderOptions) {
    this.#options = options;
  }

  /** Whether the server has said its last word. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Takes a message of the server. */
  push(message: Message): void {
    if (this.#ended || this.#failure) return;
    if (message.noResponders) {
      this.#ended = true;
      return this.fail(noListener(this.#options.subject));
    }
    const kind = message.headers[header.kind];
    if (kind !== 'error' && Number(message.headers[header.seq]) !== this.#seq++) return this.fail(lost(this.#options.subject));
    if (kind !== 'value') this.#ended = true;
    this.#waiting.push(message);
    this.#waitingBytes += itemCost(message.data.byteLength);
    if (this.#waitingBytes > this.#options.window + 2 * this.#options.maxMessageBytes) return this.fail(overrun(this.#options.subject));
    this.#wake?.();
  }

  /** Ends the stream on this side; items that were not read are dropped. */
  fail(error: SoukError): void {
    this.#failure ??= error;
    this.#waiting = [];
    this.#wake?.();
  }

  /** The next message: an item, the end or an error. Throws TIMEOUT when the server is silent for too long. */
  async next(): Promise<Message> {
    if (this.#waiting.length === 0 && !this.#failure) await this.#arrival();
    if (this.#failure) throw this.#failure;
    const message = this.#waiting.shift();
    if (!message) throw this.#silence();
    const cost = itemCost(message.data.byteLength);
    this.#waitingBytes -= cost;
    this.#taken += cost;
    if (this.#taken * 2 >= this.#options.window && !this.#ended) {
      this.#options.grant(this.#taken);
      this.#taken = 0;
    }
    return message;
  }

  #arrival(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#options.timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
    });
  }

  #silence(): SoukError {
    return new SoukError('TIMEOUT', `${this.#options.subject} was silent for ${this.#options.timeoutMs} ms.`, { hint: 'Try again; the site may be busy.' });
  }
}

function lost(subject: string): SoukError {
  return new SoukError('UNAVAILABLE', `Messages of ${subject} were lost.`, { hint: 'Begin again where you stopped.' });
}

function overrun(subject: string): SoukError {
  return new SoukError('UNAVAILABLE', `${subject} sent more than was asked for.`);
}
