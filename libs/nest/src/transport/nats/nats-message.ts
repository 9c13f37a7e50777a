import { headers as newHeaders, type Msg, type MsgHdrs } from '@nats-io/transport-node';
import type { Headers, Message } from '../connection.ts';

const noResponders = 503;

/** A message of the client library as the rest of Souk sees it; its bytes are its own, not a window on what the socket read. */
export function toMessage(received: Msg): Message {
  const headers = headersOf(received);
  return {
    subject: received.subject,
    data: new Uint8Array(received.data),
    headers: headers ? Object.fromEntries([...headers].map(([name, values]) => [name, values[0] ?? ''])) : {},
    ...(received.reply ? { reply: received.reply } : {}),
    ...(headers?.code === noResponders && received.data.byteLength === 0 ? { noResponders: true } : {}),
  };
}

/** Headers that break the format count as none: the library throws when it comes upon them, which must not end the connection. */
function headersOf(received: Msg): MsgHdrs | undefined {
  try {
    return received.headers;
  } catch {
    return undefined;
  }
}

/** Headers as the client library sends them. */
export function toHeaders(headers: Headers): MsgHdrs {
  const made = newHeaders();
  for (const [name, value] of Object.entries(headers)) made.append(name, value);
  return made;
}
