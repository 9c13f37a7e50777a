import type { LogStore } from '@souk/domain';

type Logs = Pick<LogStore, 'read' | 'about' | 'subjects' | 'fork'>;

/** Subjects that tell for whom a key writes. */
const aboutKeys = /^(?:grant|root):/;

/**
 * Logs whose answers about keys are asked for once: folding many packages of few publishers reads the same evidence again and again.
 * For one piece of work only, because it never notices what arrives meanwhile.
 */
export function rememberingLogs(logs: Logs): Logs {
  const answers = new Map<string, Promise<unknown>>();
  const once = <T>(question: string, ask: () => Promise<T>): Promise<T> => {
    const known = answers.get(question) ?? ask();
    answers.set(question, known);
    return known as Promise<T>;
  };
  return {
    read: (key, from, limit) => (limit === 1 ? once(`read ${key} ${from}`, () => logs.read(key, from, 1)) : logs.read(key, from, limit)),
    about: (subject, arrival, limit) => (aboutKeys.test(subject) ? once(`about ${subject} ${arrival} ${limit}`, () => logs.about(subject, arrival, limit)) : logs.about(subject, arrival, limit)),
    subjects: (prefix, after, limit) => logs.subjects(prefix, after, limit),
    fork: (key) => once(`fork ${key}`, () => logs.fork(key)),
  };
}
