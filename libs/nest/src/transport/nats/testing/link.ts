import type { Connection, Message } from '../../connection.ts';
import { connectNats, type NatsOptions } from '../nats-connection.ts';

/** A connection to a server of loopback, and what it said of its state. */
export interface Link extends AsyncDisposable {
  readonly connection: Connection;
  /** Every state so far: a problem, or `connected`. */
  readonly states: string[];
  /** Resolves when a state has come that matches, be it one of those so far. */
  state(wanted: RegExp): Promise<void>;
}

/** Connects as a service does. */
export async function link(port: number, options: Partial<NatsOptions> = {}): Promise<Link> {
  const states: string[] = [];
  let check = (): void => {};
  const onState: NatsOptions['onState'] = ({ problem = 'connected' }) => {
    states.push(problem);
    check();
  };
  const connection = await connectNats({ name: 'spec', servers: [{ host: '127.0.0.1', port }], onState, ...options });
  const state = (wanted: RegExp): Promise<void> =>
    new Promise((resolve) => {
      check = () => {
        if (states.some((one) => wanted.test(one))) resolve();
      };
      check();
    });
  return { connection, states, state, [Symbol.asyncDispose]: () => connection.close() };
}

/** The bytes of a text. */
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The text of a message. */
export const text = (message: Message): string => new TextDecoder().decode(message.data);

/** Resolves with the next message on a subject, heard as a member of a group if one is given. */
export function nextMessage(connection: Connection, subject: string, queue?: string): Promise<Message> {
  return new Promise((resolve) => {
    const subscription = connection.subscribe(subject, queue === undefined ? {} : { queue }, (message) => {
      subscription.unsubscribe();
      resolve(message);
    });
  });
}
