import type { z } from 'zod';
import type { bodies, KeyId } from '@souk/domain';
import type { Archive } from './candidate.ts';

/** A release that is to be signed. */
export interface ReleaseToSign {
  readonly body: z.input<typeof bodies.release>;
  /** What the record says about when, in milliseconds since 1970. */
  readonly at: number;
}

/** Who signs the packages of an import. */
export interface Signers {
  /** Whom a package of that name would belong to. */
  publisherOf(name: string): KeyId;
  /** Keeps copies of archives, where it matters that what is signed can be sent again. */
  keep(archives: readonly Archive[]): Promise<void>;
  /** Signs releases whose blobs the site holds and sends them, all or nothing; on its disk when it returns. Refused for good, they count as never signed. */
  publish(releases: readonly ReleaseToSign[]): Promise<void>;
  /** What they are, for the answer. */
  readonly about: { readonly kind: 'own'; readonly publisher: KeyId } | { readonly kind: 'seeded'; readonly count: number; readonly seed: string };
  close(): Promise<void>;
}
