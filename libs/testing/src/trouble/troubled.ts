import { seededRandom } from './seeded-random.ts';

/** How much trouble there is; each a share of messages in [0, 1]. */
export interface Trouble {
  /** The same seed troubles the same messages of a subscription in the same way. */
  readonly seed: number;
  readonly drop?: number;
  readonly duplicate?: number;
  /** Share of messages that come up to four messages later than they should. What is late when nothing else comes is lost. */
  readonly reorder?: number;
  /** Whether messages of a subject get into trouble; events do unless given. */
  readonly on?: (subject: string) => boolean;
  /** Told of each thing that happened. */
  readonly note?: (what: 'dropped' | 'duplicated' | 'delayed') => void;
}

/** The part of a connection that is troubled; connections of every transport have it. */
export interface Receiving<Options, Message, Subscription> {
  subscribe(subject: string, options: Options, onMessage: (message: Message) => void): Subscription;
}

interface Late<Message> {
  readonly message: Message;
  after: number;
}

const longestDelay = 4;
const isEvent = (subject: string): boolean => subject.startsWith('souk.event.');

/**
 * A connection whose subscriptions lose, double and reorder messages, as at most once delivery may over reconnects and several
 * servers. Everything else is the connection's own: requests and answers come through untouched unless `on` says otherwise.
 */
export function troubled<Options, Message, Subscription, Connection extends Receiving<Options, Message, Subscription>>(connection: Connection, trouble: Trouble): Connection {
  const { on = isEvent } = trouble;
  let subscriptions = 0;
  const subscribe = (subject: string, options: Options, onMessage: (message: Message) => void): Subscription => {
    if (!on(subject)) return connection.subscribe(subject, options, onMessage);
    subscriptions += 1;
    return connection.subscribe(subject, options, troubledDelivery(trouble, seededRandom(trouble.seed + subscriptions * 7_919), onMessage));
  };
  return new Proxy(connection, {
    get: (target, key) => {
      if (key === 'subscribe') return subscribe;
      const value: unknown = Reflect.get(target, key, target);
      // Bound, because private members are found on the connection itself only.
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

function troubledDelivery<Message>(trouble: Trouble, random: () => number, deliver: (message: Message) => void): (message: Message) => void {
  const { drop = 0, duplicate = 0, reorder = 0, note = () => {} } = trouble;
  let late: Late<Message>[] = [];
  const happens = (share: number, what: 'dropped' | 'duplicated' | 'delayed'): boolean => {
    const it = random() < share;
    if (it) note(what);
    return it;
  };
  return (message) => {
    for (const one of late) one.after -= 1;
    const due = late.filter(({ after }) => after <= 0);
    late = late.filter(({ after }) => after > 0);
    if (!happens(drop, 'dropped')) {
      const copies = happens(duplicate, 'duplicated') ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1) {
        if (happens(reorder, 'delayed')) late.push({ message, after: 1 + Math.floor(random() * longestDelay) });
        else deliver(message);
      }
    }
    for (const one of due) deliver(one.message);
  };
}
