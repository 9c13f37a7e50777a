import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { WireRecord } from '@souk/domain';
import { ifPresent, onDisk } from './on-disk.ts';

const Proof = z.array(WireRecord).max(512);

/** The signed records behind packages that were installed once. They are verified anew whenever they are used. */
export interface ProofStore {
  /** The proof of a release, undefined when none is kept or it can't be read. */
  get(name: string, version: string, cid: string): Promise<readonly WireRecord[] | undefined>;
  /** Keeps the proof of a release; a power failure may lose it, then it is asked for again. */
  put(name: string, version: string, cid: string, records: readonly WireRecord[]): Promise<void>;
}

/** Opens the proofs in a folder, one file per release. */
export function openProofStore(folder: string): ProofStore {
  const path = (name: string, version: string, cid: string): string => {
    const hash = createHash('sha256').update(JSON.stringify([name, version, cid])).digest('hex');
    return join(folder, hash.slice(0, 2), `${hash}.json`);
  };
  return {
    get: async (name, version, cid) => {
      const text = await onDisk('Reading a proof', () => ifPresent(() => readFile(path(name, version, cid), 'utf8')));
      try {
        return text === undefined ? undefined : Proof.parse(JSON.parse(text));
      } catch {
        return undefined;
      }
    },
    put: async (name, version, cid, records) => {
      const file = path(name, version, cid);
      await onDisk('Keeping a proof', async () => {
        const draft = `${file}.${randomBytes(8).toString('hex')}`;
        await mkdir(dirname(file), { recursive: true, mode: 0o700 });
        await writeFile(draft, JSON.stringify(records), { mode: 0o600 });
        await rename(draft, file);
      });
    },
  };
}
