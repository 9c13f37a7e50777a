import type { z } from 'zod';
import type { bodies, KeyId, VerifiedRecord } from '@souk/domain';
import type { Archive } from './candidate.ts';

/** A release that is to be signed. */
export interface ReleaseToSign {
  readonly body: z.input<typeof bodies.release>;
  /** What the record says about when, in milliseconds since 1970. */
  readonly at: number;
}

/** Who signs the packages of an import. */
export interface Signers {
  /** What they are, for the answer. */
  readonly about: { readonly kind: 'own'; readonly publisher: KeyId } | { readonly kind: 'seeded'; readonly count: number; readonly seed: string };
  /** Whom a package of that name would belong to. */
  publisherOf(name: string): KeyId;
  /** Keeps copies of archives, where it matters that what is signed can be sent again. */
  keep(archives: readonly Archive[]): Promise<void>;
  /** Signs releases on top of all that were signed before, sent or not. */
  sign(releases: readonly ReleaseToSign[]): Promise<readonly VerifiedRecord[]>;
  /** Sends what was signed first and not sent yet; its blobs are at the site. On the site's disk when it returns, all or nothing. */
  send(records: readonly VerifiedRecord[]): Promise<void>;
  /** Forgets everything that was signed and not accepted, after the site refused it for good. */
  takeBack(): Promise<void>;
  close(): Promise<void>;
}
