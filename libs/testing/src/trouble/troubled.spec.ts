import { expect, test } from '@jest/globals';
import { troubled, type Trouble } from './index.ts';

/** A connection that delivers to all its subscriptions at once. */
class Direct {
  readonly #subscribers: ((message: number) => void)[] = [];
  published = 0;

  subscribe(_subject: string, _options: object, onMessage: (message: number) => void): number {
    return this.#subscribers.push(onMessage);
  }

  publish(message: number): void {
    this.published += 1;
    for (const subscriber of this.#subscribers) subscriber(message);
  }
}

const messages = Array.from({ length: 1_000 }, (_, n) => n);

function heard(trouble: Trouble, subject = 'souk.event.v1.x'): { got: number[]; noted: Map<string, number> } {
  const noted = new Map<string, number>();
  const connection = troubled(new Direct(), { ...trouble, note: (what) => noted.set(what, (noted.get(what) ?? 0) + 1) });
  const got: number[] = [];
  connection.subscribe(subject, {}, (message) => void got.push(message));
  for (const message of messages) connection.publish(message);
  expect(connection.published).toBe(messages.length);
  return { got, noted };
}

test('without shares everything comes as it was sent, and so does what is no event', () => {
  expect(heard({ seed: 1 }).got).toEqual(messages);
  expect(heard({ seed: 1, drop: 1, duplicate: 1, reorder: 1 }, 'souk.peer.0.v1.log').got).toEqual(messages);
});

test('the same seed makes the same trouble, another one other trouble', () => {
  const trouble = { drop: 0.2, duplicate: 0.2, reorder: 0.2 };
  expect(heard({ seed: 7, ...trouble }).got).toEqual(heard({ seed: 7, ...trouble }).got);
  expect(heard({ seed: 7, ...trouble }).got).not.toEqual(heard({ seed: 8, ...trouble }).got);
});

test.each([1, 2, 3, 4, 5])('seed %i: the shares are kept, and what is dropped, doubled or late is noted', (seed) => {
  const dropped = heard({ seed, drop: 0.3 });
  expect(dropped.got.length).toBe(1_000 - (dropped.noted.get('dropped') ?? 0));
  expect(Math.abs((dropped.noted.get('dropped') ?? 0) - 300)).toBeLessThan(80);
  const doubled = heard({ seed, duplicate: 0.3 });
  expect(doubled.got.length).toBe(1_000 + (doubled.noted.get('duplicated') ?? 0));
  expect([...new Set(doubled.got)]).toEqual(messages);
  const late = heard({ seed, reorder: 0.3 });
  expect(late.got).not.toEqual(messages);
  expect(late.got.length).toBeGreaterThanOrEqual(996);
  for (const [index, message] of late.got.entries()) expect(Math.abs(message - index)).toBeLessThanOrEqual(8);
});
