const placeholder = '{ordinal}';
/** Tokens of NATS subjects are split at dots; names become tokens, so they hold none. */
const namePattern = /^[a-z][a-z0-9-]{0,62}$/;

/** Whether a service's name can stand in a subject. */
export const isServiceName = (name: string): boolean => namePattern.test(name);

/** The subject of a contract for one ordinal, or for all of them: `*`. Contracts that do not address a peer have one subject. */
export function subjectFor(subject: string, ordinal: number | '*' = 0): string {
  return subject.replace(placeholder, String(ordinal));
}

/** The subject on which whoever serves a subject hears cancellations, grants and signs of life. */
export function controlSubject(subject: string): string {
  return `${subject}.control`;
}

/** The service that serves a subject: `souk.search.v1.query` -> `search`. */
export function serverOf(subject: string): string {
  return subject.split('.')[1] ?? '';
}

/** What begins every subject on which a service hears answers; nobody else may listen there. */
export function inboxOf(service: string): string {
  return `_INBOX_${service}`;
}

/**
 * What begins every subject on which one service answers another. The name of the one that answers is part of it, so that a
 * permission says who may answer: no third service can forge an answer, and no caller can have its answer sent anywhere else.
 */
export function answersFrom(server: string, caller: string): string {
  return `${inboxOf(caller)}.${server}`;
}

/** Whether an answer may be sent to a subject: to inboxes only. */
export function isInbox(subject: string): boolean {
  return subject.startsWith('_INBOX');
}
