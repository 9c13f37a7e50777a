import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkSecret, checkSecretName, secretBytes, secretExists, SoukError } from '@souk/domain';
import type { KeyStore } from '@souk/domain';
import { makeFolder, writeDurably } from './durable-file.ts';
import { storageCode, storageError, storing } from './storage-error.ts';

/** The mode bits that let anyone but the owner in. Windows has access lists instead, which its user folders set well. */
const forOthers = process.platform === 'win32' ? 0 : 0o077;

/**
 * Opens the secrets in a folder, one file of 32 bytes each (0600 in a folder 0700). Several processes may share it.
 * Throws STORAGE_DENIED when others may enter the folder.
 */
export async function openKeyStore(folder: string): Promise<KeyStore> {
  await storing(`Creating ${folder}`, () => makeFolder(folder));
  const { mode } = await storing(`Opening ${folder}`, () => stat(folder));
  refuseLoose(folder, mode, '700');
  return new FileKeyStore(folder);
}

/** Secrets in files. */
class FileKeyStore implements KeyStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    checkSecretName(name);
    const path = join(this.#folder, name);
    try {
      return await readSecret(path, name);
    } catch (error) {
      if (storageCode(error) === 'ENOENT') return undefined;
      throw storageError(error, `Reading the key ${path}`);
    }
  }

  async create(name: string, secret: Uint8Array): Promise<void> {
    checkSecretName(name);
    checkSecret(secret);
    try {
      await writeDurably(join(this.#folder, name), secret, 'exclusive');
    } catch (error) {
      if (storageCode(error) === 'EEXIST') throw secretExists(name);
      throw storageError(error, `Writing the key ${name}`);
    }
  }

  async list(): Promise<readonly string[]> {
    const names = await storing('Listing the keys', () => readdir(this.#folder));
    return names.filter((name) => !name.startsWith('.')).sort();
  }
}

async function readSecret(path: string, name: string): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    refuseLoose(path, (await handle.stat()).mode, '600');
    const bytes = new Uint8Array(secretBytes + 1);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    if (bytesRead !== secretBytes) {
      throw new SoukError('STORAGE_CORRUPT', `The key ${path} does not have ${secretBytes} bytes.`, { hint: 'Restore it from a backup; without it nobody can sign in its place.', details: { name } });
    }
    return bytes.slice(0, secretBytes);
  } finally {
    await handle.close();
  }
}

function refuseLoose(path: string, mode: number, wanted: string): void {
  if ((mode & forOthers) === 0) return;
  throw new SoukError('STORAGE_DENIED', `Others than its owner may open ${path} (mode ${(mode & 0o777).toString(8)}).`, { hint: `Close it with: chmod ${wanted} ${path}. If others may have read it, use a new key.`, details: { path } });
}
