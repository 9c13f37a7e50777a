import { SoukError } from '@souk/domain';

/** A server that does not take the user or its password. */
export class RefusedUser extends Error {
  override readonly name = 'RefusedUser';
}

/** UNAVAILABLE because there is no connection to NATS now. */
export function notConnected(problem: string): SoukError {
  return new SoukError('UNAVAILABLE', `This service is not connected to NATS: ${problem}.`, { hint: 'It connects again by itself; try again in a moment.' });
}

/** UNAVAILABLE because NATS takes messages slower than they are sent. */
export function tooSlow(subject: string): SoukError {
  return new SoukError('UNAVAILABLE', `NATS takes messages too slowly; nothing was sent to ${subject}.`, { hint: 'Try again in a moment.' });
}

/** FORBIDDEN because the user may not send to a subject. */
export function notAllowed(subject: string, user: string | undefined): SoukError {
  return new SoukError('FORBIDDEN', `NATS does not let ${userText(user)} send to ${subject}.`, {
    hint: 'Its users are written from the contracts: write the configuration of the NATS server anew from the version that runs here.',
  });
}

/** BAD_CONFIG because NATS does not take the user or its password; details { natsUser }, empty where there is none. */
export function refusedUser(user: string | undefined, cause: unknown): SoukError {
  return new SoukError('BAD_CONFIG', `NATS refuses ${userText(user)}.`, {
    hint: 'Set SOUK_NATS_USER and SOUK_NATS_PASSWORD to a user of the NATS server and start again.',
    details: { natsUser: user ?? '' },
    cause,
  });
}

/** What a refused user is told by `/readyz` and the log while it tries again. */
export function refusedProblem(user: string | undefined): string {
  return `NATS refuses ${userText(user)}: SOUK_NATS_USER and SOUK_NATS_PASSWORD must name a user of the NATS server`;
}

/** How a user is named in messages. */
export function userText(user: string | undefined): string {
  return user === undefined ? 'connections without a user' : `user ${user}`;
}

/** The message of whatever was thrown, on one line. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error || (typeof error === 'object' && error !== null && 'message' in error) ? String(error.message) : String(error);
  return text.replaceAll(/\s+/g, ' ').slice(0, 500) || 'no reason given';
}
