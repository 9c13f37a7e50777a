import { blobCid, keyId, seedFrom, sha256Of, sign, signBytes, signerOf, type KeyId, type RecordKind, type bodies, type Signer, type VerifiedRecord } from '@souk/domain';
import type { z } from 'zod';

/** The start of every builder's time: 2026-01-01T00:00:00Z in milliseconds. */
export const epoch = Date.UTC(2026, 0, 1);

/** One key writing one log, for tests: deterministic, never for a real key. */
export class LogWriter {
  readonly signer: Signer;
  readonly key: KeyId;
  readonly records: VerifiedRecord[] = [];
  clock = 0;

  constructor(name: string) {
    this.signer = signerOf(seedFrom(name));
    this.key = keyId(this.signer.publicKey);
  }

  /** Signs the next record and keeps it. */
  write<K extends RecordKind>(kind: K, body: z.input<(typeof bodies)[K]>): VerifiedRecord {
    return this.#keep(sign(kind, body, this.#context()));
  }

  /** Signs a record of any kind, known or not, with body bytes as they are. */
  writeBytes(kind: string, body: Uint8Array, ext: Record<string, unknown> = {}): VerifiedRecord {
    return this.#keep(signBytes(kind, body, this.#context(), ext));
  }

  #context(): Parameters<typeof sign>[2] {
    const last = this.records.at(-1);
    return { signer: this.signer, head: last && { seq: last.fields.seq, hash: last.hash }, clock: this.clock, at: epoch + this.clock };
  }

  #keep(record: VerifiedRecord): VerifiedRecord {
    this.clock = record.fields.clock;
    this.records.push(record);
    return record;
  }
}

/** What a built release may say instead of its defaults. */
export interface ReleaseOptions {
  readonly kind?: 'template' | 'package';
  readonly dependencies?: Record<string, string>;
  readonly description?: string;
  readonly keywords?: string[];
  /** Bytes of the blob; by default the text `name@version`. */
  readonly blob?: Uint8Array;
}

/** A publisher with a root log and one device log, for tests. */
export class Author {
  readonly root: LogWriter;
  readonly device: LogWriter;

  constructor(name: string) {
    this.root = new LogWriter(`${name}/root`);
    this.device = new LogWriter(`${name}/device`);
    const next = signerOf(seedFrom(`${name}/next-root`));
    this.root.write('inception', { rootKey: this.root.key, nextRootHash: sha256Of(next.publicKey) });
    this.root.write('delegate', { key: this.device.key, name: 'laptop' });
    this.device.clock = this.root.clock;
    this.device.write('inception', { rootKey: this.root.key });
  }

  /** The publisher's id. */
  get id(): KeyId {
    return this.root.key;
  }

  /** Signs a release by the device. */
  releases(name: string, version: string, options: ReleaseOptions = {}): VerifiedRecord {
    const blob = options.blob ?? new TextEncoder().encode(`${name}@${version}`);
    return this.device.write('release', {
      name,
      version,
      kind: options.kind ?? 'package',
      manifest: {
        description: options.description ?? `The ${name} package`,
        keywords: options.keywords ?? [],
        dependencies: options.dependencies ?? {},
      },
      cid: blobCid(sha256Of(blob)),
      integrity: `sha512-${'A'.repeat(86)}==`,
      size: blob.length,
      unpackedSize: blob.length,
      files: 1,
      tree: sha256Of(blob),
      chunks: [sha256Of(blob)],
    });
  }

  /** Every record so far, the root's log first. */
  get records(): readonly VerifiedRecord[] {
    return [...this.root.records, ...this.device.records];
  }
}

/** A publisher named `name`, always the same keys for the same name. */
export function author(name: string): Author {
  return new Author(name);
}
