import { toErrorBody } from '@souk/domain';

const frame = (event: string, data: unknown, id?: number): string => `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** Events as the WHATWG event stream format; one with a cursor has it as its id. A failure in the middle is the last event, `error`. */
export async function* eventStream<T extends { readonly type: string; readonly cursor?: number }>(first: IteratorResult<T>, rest: AsyncIterator<T>): AsyncGenerator<string> {
  try {
    for (let next = first; !next.done; next = await rest.next()) yield frame(next.value.type, next.value, next.value.cursor);
  } catch (error) {
    yield frame('error', toErrorBody(error));
  } finally {
    await rest.return?.();
  }
}
