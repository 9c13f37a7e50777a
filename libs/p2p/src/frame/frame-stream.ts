import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface';
import { abortError, SoukError } from '@souk/domain';
import { maxFrameBytes } from '@souk/contracts';
import { Uint8ArrayList } from 'uint8arraylist';
import { underDeadline } from '../node/waiting.ts';
import { decodeUvarint, encodeUvarint } from './uvarint.ts';

/** Bytes that may wait to be read before the other side is told to pause. */
const highWater = maxFrameBytes * 2;

/** Longest wait for what was written to leave when a stream is closed, in milliseconds. */
const closeMs = 5000;

/** How long the other side may take to end a stream that we have ended, in milliseconds. */
const lingerMs = 1000;

/** After its deadline a wait looks at the stream once more, in milliseconds: when it was this process that stood still, what the peer sent in time is taken in first. */
const lookAgainMs = 5;

/** How long one step may take. */
export interface StepOptions {
  readonly timeoutMs: number;
  /** How long a frame may take to come once it has begun, where silence before it may last longer; `timeoutMs` unless given. */
  readonly frameMs?: number;
  readonly signal?: AbortSignal;
}

/** Frames over a libp2p stream: an unsigned varint length, then so many bytes. One reader and one writer at a time. */
export class FrameStream {
  readonly #stream: Stream;
  readonly #received = new Uint8ArrayList();
  #ended = false;
  #failure: Error | undefined;
  #wakeReader: (() => void) | undefined;

  constructor(stream: Stream) {
    this.#stream = stream;
    this.#ended = stream.readableEnded;
    stream.addEventListener('message', this.#onMessage);
    stream.addEventListener('end', this.#onEnd);
    stream.addEventListener('close', this.#onClose);
  }

  /** Bytes received that nobody has read yet. */
  get buffered(): number {
    return this.#received.byteLength;
  }

  /**
   * The next frame; undefined when the other side has finished. Throws BAD_FRAME for a length beyond the limit, PEER_UNREACHABLE when the
   * stream breaks or ends inside a frame, as it does when either side gives up the link, TIMEOUT, CANCELLED.
   */
  async read(step: StepOptions): Promise<Uint8Array | undefined> {
    let deadline = Date.now() + step.timeoutMs;
    let hasBegun = false;
    for (;;) {
      const frame = this.#take();
      if (frame) return frame;
      if (!hasBegun && this.#received.byteLength > 0) {
        hasBegun = true;
        deadline = Math.min(deadline, Date.now() + (step.frameMs ?? step.timeoutMs));
      }
      if (this.#failure) throw lost(this.#failure);
      if (this.#ended) {
        if (this.#received.byteLength > 0) throw lost(new Error('the stream ended inside a frame'));
        return undefined;
      }
      await this.#wait('message', deadline, step.signal);
    }
  }

  /** Sends a frame; resolves when the other side has room for more. Throws PEER_UNREACHABLE, TIMEOUT, CANCELLED. */
  async write(payload: Uint8Array, step: StepOptions): Promise<void> {
    const stream = this.#stream;
    const deadline = Date.now() + step.timeoutMs;
    try {
      stream.send(new Uint8ArrayList(encodeUvarint(payload.length), payload));
    } catch (cause) {
      throw lost(cause);
    }
    // libp2p's own onDrain() resolves at once after its first use, so the events are waited for here.
    while (stream.writableNeedsDrain || stream.writeBufferLength > 0) {
      if (stream.status !== 'open') throw lost(this.#failure);
      await this.#wait('drain', deadline, step.signal);
    }
  }

  /** Calls back when the stream is gone on both sides; at once when it is already. */
  onGone(gone: () => void): void {
    if (this.#stream.status === 'open' || this.#stream.status === 'closing') this.#stream.addEventListener('close', gone, { once: true });
    else gone();
  }

  /** Says that nothing more will be sent; what was sent still arrives. A peer that does not end its side soon loses the stream. */
  async close(): Promise<void> {
    try {
      await underDeadline({ timeoutMs: closeMs }, (signal) => this.#stream.close({ signal }));
    } catch (cause) {
      return this.abort(lost(cause));
    }
    const timer = setTimeout(() => this.abort(new Error('the peer did not end its side')), lingerMs);
    this.onGone(() => clearTimeout(timer));
  }

  /** Breaks this stream and no other. */
  abort(error: Error): void {
    this.#stream.abort(error);
  }

  #take(): Uint8Array | undefined {
    const length = decodeUvarint(this.#received);
    if (length === undefined) return this.#flow();
    if (length === 'bad' || length.value > maxFrameBytes) throw new SoukError('BAD_FRAME', `The peer sent a frame of more than ${maxFrameBytes} bytes.`);
    const end = length.size + length.value;
    if (this.#received.byteLength < end) return this.#flow();
    const frame = this.#received.slice(length.size, end);
    this.#received.consume(end);
    this.#flow();
    return frame;
  }

  /** Lets the other side send while there is room here. */
  #flow(): undefined {
    const { readStatus } = this.#stream;
    if (readStatus === 'paused' && this.#received.byteLength < highWater / 2) this.#stream.resume();
    else if (readStatus === 'readable' && this.#received.byteLength > highWater) this.#stream.pause();
    return undefined;
  }

  readonly #onMessage = (event: StreamMessageEvent): void => {
    this.#received.append(event.data);
    this.#flow();
    this.#wakeReader?.();
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#wakeReader?.();
  };

  readonly #onClose = (event: StreamCloseEvent): void => {
    if (event.error) this.#failure = event.error;
    else if (this.#stream.readBufferLength === 0) this.#ended = true;
    this.#wakeReader?.();
  };

  async #wait(what: 'message' | 'drain', deadline: number, signal: AbortSignal | undefined): Promise<void> {
    const stream = this.#stream;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let timer = setTimeout(() => (timer = setTimeout(() => reject(tooLate()), lookAgainMs)), Math.max(0, deadline - Date.now()));
    const onAbort = (): void => reject(abortError(signal as AbortSignal, 'The exchange with the peer'));
    const done = (): void => resolve();
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    if (what === 'message') this.#wakeReader = done;
    else for (const event of ['drain', 'idle', 'close'] as const) stream.addEventListener(event, done);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      if (what === 'message') this.#wakeReader = undefined;
      else for (const event of ['drain', 'idle', 'close'] as const) stream.removeEventListener(event, done);
    }
  }
}

function tooLate(): SoukError {
  return new SoukError('TIMEOUT', 'The peer took too long to answer.', { hint: 'It may be busy or gone; another peer will be asked.' });
}

function lost(cause: unknown): SoukError {
  return new SoukError('PEER_UNREACHABLE', 'The connection to the peer was lost.', { hint: 'It may come back; another peer will be asked.', cause });
}
