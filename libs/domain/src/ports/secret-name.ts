import { SoukError } from '../errors/souk-error.ts';

/** Bytes of every secret: an Ed25519 seed or a network key. */
export const secretBytes = 32;

/** Checks a secret's name, which is also a file's name: letters, digits, dot, dash, underscore, beginning with a letter or digit, at most 100. Throws BAD_REQUEST. */
export function checkSecretName(name: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name)) return;
  throw new SoukError('BAD_REQUEST', `"${name.slice(0, 80)}" can't name a key.`, { hint: 'Use letters, digits, dots, dashes and underscores, as in laptop or ci-2.' });
}

/** Checks a secret's length. Throws BAD_REQUEST. */
export function checkSecret(secret: Uint8Array): void {
  if (secret.length !== secretBytes) throw new SoukError('BAD_REQUEST', `A key has ${secretBytes} bytes, not ${secret.length}.`);
}

/** STORAGE_DENIED: a secret of that name exists; secrets are never overwritten. */
export function secretExists(name: string): SoukError {
  return new SoukError('STORAGE_DENIED', `A key "${name}" exists already.`, { hint: 'Choose another name; keys are never overwritten.', details: { name } });
}
