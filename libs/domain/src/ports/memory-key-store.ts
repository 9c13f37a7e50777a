import type { KeyStore } from './key-store.ts';
import { checkSecret, checkSecretName, secretExists } from './secret-name.ts';

/** A key store in memory: for tests and for identities that live as long as their process. */
export class MemoryKeyStore implements KeyStore {
  readonly #secrets = new Map<string, Uint8Array>();

  async get(name: string): Promise<Uint8Array | undefined> {
    checkSecretName(name);
    return this.#secrets.get(name)?.slice();
  }

  async create(name: string, secret: Uint8Array): Promise<void> {
    checkSecretName(name);
    checkSecret(secret);
    if (this.#secrets.has(name)) throw secretExists(name);
    this.#secrets.set(name, secret.slice());
  }

  async list(): Promise<readonly string[]> {
    return [...this.#secrets.keys()].sort();
  }
}
