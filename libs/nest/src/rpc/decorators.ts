import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import type { EventContract, RequestContract, StreamContract } from '@souk/contracts';
import type { z } from 'zod';

/** What a handler knows of its caller. */
export interface CallContext {
  /** Aborts when the caller has gone or given up, when its deadline has passed, or when this service must stop. */
  readonly signal: AbortSignal;
  /** W3C trace context to hand on to what is no rpc call; rpc calls hand it on by themselves. */
  readonly traceparent: string;
}

/** What the error filter is told beside it, to name the handler in the log. */
export interface CalledSubject {
  readonly subject: string;
}

/** How a stream is served. */
export interface StreamsOptions {
  /** Whether the stream has no end of its own, as follows have: it is cut off when the service stops, instead of waited for. */
  readonly endless?: boolean;
}

/** Who hears an event. */
export interface ListensOptions {
  /** Name of a group of instances of which one hears each event: the service's own name, NATS users may use no other. Without it every instance hears it. */
  readonly queue?: string;
}

/** What a decorator leaves behind for the server: the contract, and how to serve it. */
export type Served =
  | { readonly contract: RequestContract }
  | { readonly contract: StreamContract; readonly endless: boolean }
  | { readonly contract: EventContract; readonly queue?: string };

type Handler<Input extends z.ZodType, Result> = (input: z.output<Input>, context: CallContext) => Result;
type HandlerDecorator<Method> = <M extends Method>(target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<M>) => void;

/** Answers a request: `(input, context) => output`. The input is parsed before, the output checked after. */
export function Handles<I extends z.ZodType, O extends z.ZodType>(contract: RequestContract<I, O>): HandlerDecorator<Handler<I, z.input<O> | Promise<z.input<O>>>> {
  return serve({ contract }, contract.input);
}

/** Answers a stream: an async generator `(input, context)` of items, each checked; it goes on only as fast as the caller reads. */
export function Streams<I extends z.ZodType, O extends z.ZodType>(
  contract: StreamContract<I, O>,
  options: StreamsOptions = {},
): HandlerDecorator<Handler<I, AsyncIterable<z.input<O>>>> {
  return serve({ contract, endless: options.endless ?? false }, contract.input);
}

/** Hears an event: `(payload, context)`, one after the other in each publisher's order. What it throws is logged. */
export function Listens<P extends z.ZodType>(contract: EventContract<P>, options: ListensOptions = {}): HandlerDecorator<Handler<P, void | Promise<void>>> {
  return serve({ contract, queue: options.queue }, contract.payload);
}

/** Binds a method as Nest does for its own decorators: pattern, first parameter parsed by the schema, second parameter the context. */
function serve(served: Served, schema: z.ZodType): (target: object, key: string | symbol, descriptor: PropertyDescriptor) => void {
  return (target, key, descriptor) => {
    Payload({ schema })(target, key, 0);
    Ctx()(target, key, 1);
    const pattern = served.contract.type === 'event' ? EventPattern : MessagePattern;
    pattern(served.contract.subject, { served })(target, key, descriptor);
  };
}
