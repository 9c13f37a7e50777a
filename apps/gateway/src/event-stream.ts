import { Readable } from 'node:stream';
import { toErrorBody } from '@souk/domain';
import type { FastifyReply } from 'fastify';

/** What goes as an event: its type is the event's name, and its cursor, where it has one, the event's id. */
type Told = { readonly type: string; readonly cursor?: number };

const frame = (event: string, data: unknown, id?: number): string => `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** Events as the WHATWG event stream format; one with a cursor has it as its id. A failure in the middle is the last event, `error`. */
async function* eventStream<T extends Told>(first: IteratorResult<T>, rest: AsyncIterator<T>): AsyncGenerator<string> {
  try {
    for (let next = first; !next.done; next = await rest.next()) yield frame(next.value.type, next.value, next.value.cursor);
  } catch (error) {
    yield frame('error', toErrorBody(error));
  } finally {
    await rest.return?.();
  }
}

/** Answers with events. The first one decides the status: what can't begin is an error, not a stream. */
export async function sendEvents<T extends Told>(reply: FastifyReply, events: AsyncIterable<T>): Promise<void> {
  const all = events[Symbol.asyncIterator]();
  const first = await all.next();
  reply.headers({ 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  await reply.send(Readable.from(eventStream(first, all)));
}
