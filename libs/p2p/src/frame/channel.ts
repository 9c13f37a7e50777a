import { decodeCbor, encodeCbor, SoukError, type ErrorCode } from '@souk/domain';
import { FrameStream, type StepOptions } from './frame-stream.ts';
import { remoteError } from './remote-error.ts';
import type { TraceHook } from './trace-hook.ts';
import type { Stream } from '@libp2p/interface';

/** What a channel needs of a schema: every zod schema fits. */
export interface FrameSchema<Frame> {
  safeParse(value: unknown): { success: true; data: Frame } | { success: false; error: { message: string } };
}

/** What a channel tells: bytes of each frame that passed, the payload only. Of gossip, what was received, copies too, by its topic. */
export interface FrameTap {
  sent?(protocol: string, bytes: number): void;
  received?(protocol: string, bytes: number): void;
  /** A record that is new here came by gossip, so many milliseconds after it was told, by the clocks of both. */
  heard?(afterMs: number): void;
  /** A stream to another peer was opened. */
  opened?(protocol: string): void;
  /** A stream that was served ended before its time, and why: by the peer's doing, by a limit, or by ours. */
  refused?(protocol: string, code: ErrorCode): void;
}

/** How a channel is made. */
export interface ChannelOptions<Frame> {
  readonly schema: FrameSchema<Frame>;
  readonly tap?: FrameTap;
  /** Traces what is asked; its traceparent goes out with each frame. */
  readonly trace?: TraceHook;
  /** Who is on the other side. */
  readonly peer?: string;
  /** Resolves when it is the peer's turn to have a piece of work done: a frame parsed, encoded or encrypted. No turns are waited for unless given. */
  readonly turn?: () => Promise<void>;
}

/** Typed frames over one stream: dag-cbor, parsed by the protocol's schema before anyone sees them. */
export class Channel<Frame extends { t: string; trace?: string | undefined }> {
  readonly protocol: string;
  readonly peer: string | undefined;
  readonly #frames: FrameStream;
  readonly #options: ChannelOptions<Frame>;

  constructor(stream: Stream, options: ChannelOptions<Frame>) {
    this.protocol = stream.protocol;
    this.peer = options.peer;
    this.#frames = new FrameStream(stream);
    this.#options = options;
  }

  /** Runs an exchange that begins with a question of type `t`: a piece of work of its own in a trace. */
  asks<T>(t: Frame['t'], work: () => Promise<T>): Promise<T> {
    const { trace } = this.#options;
    return trace ? trace.ask({ protocol: this.protocol, question: t, peer: this.peer }, work) : work();
  }

  /** Sends a frame and waits for room. Throws PEER_UNREACHABLE, TIMEOUT, CANCELLED. */
  async send(frame: Frame, step: StepOptions): Promise<void> {
    const trace = this.#options.trace?.current();
    await this.sendEncoded(encodeCbor(trace === undefined ? frame : { ...frame, trace }), step);
  }

  /** Sends the dag-cbor of a frame that many get: encoded once. Waits and throws as `send` does. */
  async sendEncoded(payload: Uint8Array, step: StepOptions): Promise<void> {
    await this.turn();
    this.#options.tap?.sent?.(this.protocol, payload.length);
    await this.#frames.write(payload, step);
  }

  /** The next frame, undefined at the end. Throws BAD_FRAME for what the schema refuses, PEER_UNREACHABLE, TIMEOUT, CANCELLED. */
  async receive(step: StepOptions): Promise<Frame | undefined> {
    const payload = await this.#frames.read(step);
    if (payload === undefined) return undefined;
    await this.turn();
    this.#options.tap?.received?.(this.protocol, payload.length);
    return parse(this.#options.schema, payload);
  }

  /** The next frame, which must be an answer: an `error` frame is thrown as what it says. An end instead of an answer is PEER_UNREACHABLE: a link that is given up ends its streams in good order. */
  async answer(step: StepOptions): Promise<Frame> {
    const frame = await this.receive(step);
    if (!frame) throw new SoukError('PEER_UNREACHABLE', 'The peer ended the exchange before it answered.', { hint: 'It may come back; another peer will be asked.' });
    if (frame.t === 'error') throw remoteError(frame as unknown as { code: string; message: string });
    return frame;
  }

  /** The next answer, which must be of type `t`; another is BAD_FRAME. */
  async expect<T extends Frame['t']>(t: T, step: StepOptions): Promise<Extract<Frame, { t: T }>> {
    const frame = await this.answer(step);
    if (frame.t === t) return frame as Extract<Frame, { t: T }>;
    throw new SoukError('BAD_FRAME', `The peer answered "${frame.t}" where "${t}" was asked for.`);
  }

  /** Waits until it is the peer's turn: for whoever has more than a piece of work to do with one frame. */
  async turn(): Promise<void> {
    await this.#options.turn?.();
  }

  /** Calls back when the stream is gone on both sides. */
  onGone(gone: () => void): void {
    this.#frames.onGone(gone);
  }

  /** Ends our side. */
  close(): Promise<void> {
    return this.#frames.close();
  }

  /** Breaks the stream. */
  abort(error: Error): void {
    this.#frames.abort(error);
  }
}

function parse<Frame>(schema: FrameSchema<Frame>, payload: Uint8Array): Frame {
  let value: unknown;
  try {
    value = decodeCbor(payload);
  } catch (cause) {
    throw new SoukError('BAD_FRAME', 'The peer sent a frame that is not dag-cbor.', { cause });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new SoukError('BAD_FRAME', 'The peer sent a frame that does not fit the protocol.', { cause: parsed.error });
  return parsed.data;
}
