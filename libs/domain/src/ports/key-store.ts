/** Secrets by name: Ed25519 seeds and network keys (32 bytes each). Readable by their owner only. */
export interface KeyStore {
  /** The secret of that name. Throws STORAGE_DENIED when others may read it, STORAGE_CORRUPT when it is not 32 bytes. */
  get(name: string): Promise<Uint8Array | undefined>;
  /** Keeps a new secret durably; throws STORAGE_DENIED when the name exists. */
  create(name: string, secret: Uint8Array): Promise<void>;
  /** Names in order. */
  list(): Promise<readonly string[]>;
}
