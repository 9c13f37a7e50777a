import type { Stream, StreamMessageEvent } from '@libp2p/interface';
import { maxFrameBytes } from '@souk/contracts';
import { decodeCbor } from '@souk/domain';
import { Uint8ArrayList } from 'uint8arraylist';
import { framedCbor } from './wrong-bytes.ts';

/** One stream, byte by byte: what is sent need be no frame, what comes is decoded, but not checked. */
export class RawStream {
  readonly #stream: Stream;
  readonly #received = new Uint8ArrayList();
  #wake: (() => void) | undefined;
  #isOver = false;
  /** How it ended: `closed` by both sides in good order, else `reset`. */
  readonly ended: Promise<'closed' | 'reset'>;

  constructor(stream: Stream) {
    this.#stream = stream;
    stream.addEventListener('message', ({ data }: StreamMessageEvent) => {
      this.#received.append(data);
      this.#wake?.();
    });
    const over = (): void => {
      this.#isOver = true;
      this.#wake?.();
    };
    stream.addEventListener('end', over);
    const { promise, resolve } = Promise.withResolvers<'closed' | 'reset'>();
    this.ended = promise;
    const gone = (): void => {
      over();
      resolve(stream.status === 'closed' ? 'closed' : 'reset');
    };
    if (stream.status === 'open' || stream.status === 'closing') stream.addEventListener('close', gone);
    else gone();
  }

  /** Whether bytes can still be sent. */
  get isOpen(): boolean {
    return this.#stream.status === 'open' && this.#stream.writeStatus === 'writable';
  }

  /** Sends bytes as they are. Throws when it is over. */
  send(bytes: Uint8Array): void {
    this.#stream.send(bytes);
  }

  /** Sends a value as a frame of dag-cbor. */
  frame(value: unknown): void {
    this.send(framedCbor(value));
  }

  /** The next frame; undefined when there will be none. */
  async next(): Promise<{ readonly t: string; readonly [field: string]: unknown } | undefined> {
    for (;;) {
      const frame = this.#take();
      if (frame) return decodeCbor(frame) as { t: string };
      if (this.#isOver) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }

  /** Sends a frame and answers with the next one. */
  async ask(value: unknown): Promise<{ readonly t: string; readonly [field: string]: unknown } | undefined> {
    this.frame(value);
    return this.next();
  }

  /** Reads nothing any more: what the other side sends stays with it. */
  stopReading(): void {
    this.#stream.pause();
  }

  /** Says that it sends no more. */
  async end(): Promise<void> {
    await this.#stream.close().catch((error: unknown) => this.abort(error));
  }

  /** Breaks it. */
  abort(error: unknown = new Error('done')): void {
    this.#stream.abort(error instanceof Error ? error : new Error(String(error)));
  }

  #take(): Uint8Array | undefined {
    let length = 0;
    for (let at = 0; at < Math.min(5, this.#received.byteLength); at += 1) {
      const byte = this.#received.get(at);
      length |= (byte & 0x7f) << (7 * at);
      if (byte >= 0x80) continue;
      if (length > maxFrameBytes) throw new RangeError('a frame beyond the limit');
      if (this.#received.byteLength < at + 1 + length) return undefined;
      const frame = this.#received.slice(at + 1, at + 1 + length);
      this.#received.consume(at + 1 + length);
      return frame;
    }
    return undefined;
  }
}
