import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { controlSubject, formatTraceparent, isInbox, parseTraceparent, subjectFor } from '@souk/contracts';
import { isSoukError, SoukError } from '@souk/domain';
import { isObservable, lastValueFrom } from 'rxjs';
import type { z } from 'zod';
import { sentenceOf, problemsOf } from '../errors/problems.ts';
import { boundedErrorBody, reportError } from '../errors/report-error.ts';
import type { Log } from '../log/log.ts';
import { callSpan, eventSpan } from '../trace/rpc-spans.ts';
import { noSpans, type Span, type SpanFacts, type Spans } from '../trace/spans.ts';
import { currentTrace, newTrace, withinTrace } from '../trace/trace.ts';
import { tooLarge, type Connection, type Message, type Subscription } from '../transport/connection.ts';
import type { CalledSubject, CallContext, Served } from './decorators.ts';
import { EventLane } from './event-lane.ts';
import type { NoteCall } from './rpc-metrics.ts';
import { ServedCall } from './served-call.ts';
import { aliveMs, decode, encode, header, numberHeader } from './wire.ts';

/** What a server of contracts needs. */
export interface RpcServerOptions {
  readonly connection: Connection;
  readonly log: Log;
  readonly noteCall: NoteCall;
  readonly noteDropped: (subject: string) => void;
  /** Stands for `{ordinal}` in the subjects that this service serves. */
  readonly ordinal: number;
  /** Records what is served; nothing is recorded unless given. */
  readonly spans?: Spans;
  /** Most calls in work at once; further ones are answered UNAVAILABLE. 1,024 unless given. */
  readonly maxCalls?: number;
  /** Most bytes of events that wait for one handler; further ones are dropped. 16 MiB unless given. */
  readonly maxEventBytes?: number;
  /** Milliseconds after which an event counts as not handled and the next one has its turn. 30,000 unless given. */
  readonly eventMs?: number;
  /** Milliseconds between the signs of life that callers get. */
  readonly aliveMs?: number;
}

interface Route {
  readonly subject: string;
  readonly served: Served;
  readonly handler: MessageHandler;
}

interface CallInWork {
  readonly call: ServedCall;
  readonly endless: boolean;
  /** Whether its caller wants signs of life. */
  readonly alive: boolean;
}

const longestDeadlineMs = 3_600_000;
const defaultWindow = 262_144;
const defaultHeartbeatMs = 10_000;

/** Nest's side of the transport: takes requests, streams and events off a connection and through Nest's pipes and filters to their handlers. */
export class RpcServer extends Server implements CustomTransportStrategy {
  readonly #options: RpcServerOptions;
  readonly #routes: Route[] = [];
  readonly #calls = new Map<string, CallInWork>();
  readonly #lanes: EventLane<Message>[] = [];
  readonly #work: Subscription[] = [];
  readonly #aborted = new AbortController();
  #signs: NodeJS.Timeout | undefined;
  #emptied: (() => void) | undefined;

  constructor(options: RpcServerOptions) {
    super();
    this.#options = options;
  }

  override addHandler(pattern: unknown, handler: MessageHandler, _isEventHandler = false, extras: { served?: Served } = {}): void {
    const { served } = extras;
    if (!served) throw new Error(`${String(pattern)} is bound by a decorator of Nest; use @Handles, @Streams or @Listens.`);
    const subject = subjectFor(served.contract.subject, this.#options.ordinal);
    if (served.contract.type !== 'event' && this.#routes.some((route) => route.subject === subject)) throw new Error(`Two handlers answer ${subject}.`);
    this.#routes.push({ subject, served, handler });
  }

  listen(callback: () => void): void {
    for (const route of this.#routes) {
      if (route.served.contract.type === 'event') this.#listenTo(route);
      else this.#serve(route);
    }
    this.#signs = setInterval(() => this.#signLife(), this.#options.aliveMs ?? aliveMs).unref();
    void this.#whenReachable(callback);
  }

  /** Takes no more work and resolves when what is in work, or was on its way here, has ended; endless streams are cut off. */
  async drain(): Promise<void> {
    const drained = this.#work.splice(0).map((subscription) => subscription.drain());
    this.#endEndless();
    await Promise.all(drained);
    this.#endEndless();
    await Promise.all([...this.#lanes.map((lane) => lane.idle()), this.#empty()]);
  }

  /** Ends what is still in work: callers get UNAVAILABLE, handlers see their signals abort. */
  abort(): void {
    this.#aborted.abort(stopping());
    for (const lane of this.#lanes) lane.clear();
    for (const { call } of this.#calls.values()) call.abort(stopping());
  }

  close(): void {
    clearInterval(this.#signs);
    for (const subscription of this.#work.splice(0)) subscription.unsubscribe();
  }

  override on(): never {
    throw new Error('This transport has no events of its own.');
  }

  override unwrap<T>(): T {
    return this.#options.connection as T;
  }

  async #whenReachable(tell: () => void): Promise<void> {
    await this.#options.connection.flush();
    tell();
  }

  #endEndless(): void {
    for (const { call, endless } of this.#calls.values()) if (endless) call.abort(stopping());
  }

  #signLife(): void {
    for (const [reply, { alive }] of this.#calls) if (alive) this.#sendAlive(reply);
  }

  #empty(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#calls.size === 0) resolve();
      else this.#emptied = resolve;
    });
  }

  #serve(route: Route): void {
    const { connection } = this.#options;
    this.#work.push(connection.subscribe(route.subject, { queue: connection.name }, (message) => void this.#answer(route, message)));
    connection.subscribe(controlSubject(route.subject), {}, ({ headers }) => this.#control(headers));
  }

  #control(headers: Message['headers']): void {
    const call = this.#calls.get(headers[header.call] ?? '')?.call;
    if (headers[header.control] === 'cancel') call?.abort(new SoukError('CANCELLED', 'The caller gave up.'));
    else call?.grant(numberHeader(headers[header.amount], 0));
  }

  #answer(route: Route, message: Message): Promise<void> {
    return this.#traced(callSpan('server', route.served.contract.subject), message, async (span) => {
      const { reply } = message;
      // Answers go to inboxes only, so that nobody can have this service publish anything anywhere else; and one at a time to each.
      if (reply === undefined || !isInbox(reply) || this.#calls.has(reply)) return;
      const startedAt = performance.now();
      const call = this.#open(route, message.headers, reply);
      let code = 'OK';
      try {
        if (!call) throw new SoukError('UNAVAILABLE', `Too many calls of ${route.subject} are in work.`, { hint: 'Try again in a moment.' });
        const result = await call.race(this.#run(route, message, call.signal));
        if (route.served.contract.type === 'stream') await this.#pump(route, result as AsyncIterable<unknown>, call, reply);
        else if (route.served.contract.type === 'request') this.#send(reply, 'value', checked(route, route.served.contract.output, result));
      } catch (thrown) {
        const error = reportError(thrown, this.#options.log, route.subject);
        code = error.code;
        this.#sendError(reply, error);
      } finally {
        this.#close(reply, call);
        span.end(code === 'OK' ? undefined : code);
        this.#options.noteCall(route.served.contract.subject, code, startedAt);
      }
    });
  }

  #traced(facts: SpanFacts, message: Message, work: (span: Span) => Promise<void>): Promise<void> {
    const span = (this.#options.spans ?? noSpans).begin(facts, { parent: parseTraceparent(message.headers[header.traceparent]) });
    return withinTrace(span.trace, () => work(span));
  }

  #open(route: Route, headers: Message['headers'], reply: string): ServedCall | undefined {
    if (this.#calls.size >= (this.#options.maxCalls ?? 1_024)) return undefined;
    const streams = route.served.contract.type === 'stream';
    const call = new ServedCall({
      subject: route.subject,
      ...(streams
        ? { window: numberHeader(headers[header.window], defaultWindow), heartbeatMs: Math.min(numberHeader(headers[header.heartbeat], defaultHeartbeatMs), longestDeadlineMs) }
        : { deadlineMs: Math.min(numberHeader(headers[header.deadline], longestDeadlineMs), longestDeadlineMs) }),
    });
    this.#calls.set(reply, { call, endless: 'endless' in route.served && route.served.endless, alive: headers[header.alive] === '1' });
    return call;
  }

  #close(reply: string, call: ServedCall | undefined): void {
    if (!call) return;
    call.close();
    this.#calls.delete(reply);
    if (this.#calls.size === 0) this.#emptied?.();
  }

  /** Runs the handler behind Nest's pipes and filters; interceptors may have wrapped its result. */
  async #run(route: Route, message: Message, signal: AbortSignal): Promise<unknown> {
    const { maxMessageBytes } = this.#options.connection;
    if (message.data.byteLength > maxMessageBytes) throw tooLarge(route.subject, message.data.byteLength, maxMessageBytes);
    const context: CallContext & CalledSubject = { subject: route.subject, signal, traceparent: formatTraceparent(currentTrace() ?? newTrace()) };
    const result: unknown = await route.handler(decode(message.data), context);
    return isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result;
  }

  async #pump(route: Route, items: AsyncIterable<unknown>, call: ServedCall, reply: string): Promise<void> {
    const iterator = items[Symbol.asyncIterator]();
    let seq = 0;
    try {
      for (;;) {
        await call.room();
        const next = await call.race(iterator.next());
        if (next.done === true) break;
        call.spend(this.#send(reply, 'value', checkedItem(route, next.value), { [header.seq]: String(seq++) }));
      }
    } catch (error) {
      iterator.return?.().catch((late: unknown) => this.#options.log.warn(`${route.subject} failed while it was stopped`, { error: late }));
      throw error;
    }
    this.#send(reply, 'end', undefined, { [header.seq]: String(seq) });
  }

  #send(reply: string, kind: 'value' | 'end' | 'error' | 'alive', value: unknown, extra: Readonly<Record<string, string>> = {}): number {
    const data = encode(value);
    this.#options.connection.publish(reply, data, { headers: { [header.kind]: kind, ...extra } });
    return data.byteLength;
  }

  #sendError(reply: string, error: SoukError): void {
    try {
      this.#send(reply, 'error', boundedErrorBody(error));
    } catch (unsent) {
      // Without a transport no caller can be told anything, which is logged as one event, not once per call.
      const level = isSoukError(unsent) && unsent.code === 'UNAVAILABLE' ? 'debug' : 'warn';
      this.#options.log[level]('An error could not be sent to its caller', { error: unsent, code: error.code });
    }
  }

  #sendAlive(reply: string): void {
    try {
      this.#send(reply, 'alive', undefined);
    } catch {
      // The caller will notice the silence.
    }
  }

  #listenTo(route: Route): void {
    const { connection, log, noteDropped, maxEventBytes = 16_777_216 } = this.#options;
    const lane = new EventLane<Message>((message) => this.#hear(route, message), maxEventBytes);
    const queue = 'queue' in route.served ? route.served.queue : undefined;
    let dropping = false;
    this.#lanes.push(lane);
    this.#work.push(
      connection.subscribe(route.subject, { queue }, (message) => {
        const taken = lane.push(message, message.data.byteLength);
        if (!taken) noteDropped(route.subject);
        if (!taken && !dropping) log.warn('Events are dropped because their handler is too slow', { subject: route.subject });
        dropping = !taken;
      }),
    );
  }

  async #hear(route: Route, message: Message): Promise<void> {
    await this.#traced(eventSpan('consumer', route.served.contract.subject), message, async (span) => {
      const { eventMs = 30_000 } = this.#options;
      let code: string | undefined;
      const call = new ServedCall({ subject: route.subject, deadlineMs: eventMs });
      try {
        await call.race(this.#run(route, message, AbortSignal.any([call.signal, this.#aborted.signal])));
      } catch (thrown) {
        const error = reportError(thrown, this.#options.log, route.subject);
        code = error.code;
        if (error.code !== 'INTERNAL') this.#options.log.warn('An event was not handled', { subject: route.subject, code: error.code, reason: error.message });
      } finally {
        call.close();
        span.end(code);
      }
    });
  }
}

function checkedItem(route: Route, item: unknown): unknown {
  return route.served.contract.type === 'stream' ? checked(route, route.served.contract.item, item) : item;
}

/** The value as its contract sees it. An answer that breaks its contract is a bug of the handler, not the caller's fault. */
function checked(route: Route, schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(`The answer of ${route.subject} breaks its contract: ${sentenceOf(problemsOf(parsed.error.issues))}`);
}

function stopping(): SoukError {
  return new SoukError('UNAVAILABLE', 'The service is stopping.', { hint: 'Try again in a moment.' });
}
