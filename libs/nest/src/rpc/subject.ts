import { SoukError } from '@souk/domain';

const placeholder = '{ordinal}';

/** The subject of a contract for one ordinal; the ordinal is ignored by contracts that do not address one. */
export function subjectFor(subject: string, ordinal = 0): string {
  return subject.replace(placeholder, String(ordinal));
}

/** The subject on which whoever serves a subject hears cancellations and grants. */
export function controlSubject(subject: string): string {
  return `${subject}.control`;
}

/** UNAVAILABLE because nobody listens. */
export function noListener(subject: string): SoukError {
  const service = subject.split('.')[1] ?? 'that';
  return new SoukError('UNAVAILABLE', `Nobody answers ${subject}.`, { hint: `Is the ${service} service of this site running? Try again in a moment.` });
}
