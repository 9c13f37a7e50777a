import { SoukError } from '@souk/domain';

/** One server-sent event. */
export interface ServerSentEvent {
  /** Its name; `message` when it has none. */
  readonly event: string;
  readonly data: string;
}

/** Parses a stream of server-sent events (WHATWG HTML, section 9.2). An event of more than `maxBytes` is UNTRUSTED_ANSWER; an unfinished last one is dropped. */
export async function* serverSentEvents(bytes: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<ServerSentEvent, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  let event = 'message';
  let data: string[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      size += line.length;
      if (line === '') {
        if (data.length > 0) yield { event, data: data.join('\n') };
        [event, data, size] = ['message', [], 0];
      } else if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
      else if (line.startsWith('event:')) event = line.slice(6).trim();
    }
    if (size + rest.length > maxBytes) throw new SoukError('UNTRUSTED_ANSWER', `The site sent an event of more than ${maxBytes} bytes.`);
  }
}
