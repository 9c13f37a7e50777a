import type { PublisherId } from '../id/key-id.ts';
import type { ReleaseBody } from '../record/body.ts';
import type { VerifiedRecord } from '../record/signed-record.ts';

/** One published version as the fold sees it. */
export interface VersionState {
  readonly version: string;
  readonly release: ReleaseBody;
  /** The signed release record. */
  readonly record: VerifiedRecord;
  readonly publisher: PublisherId;
  /** Milliseconds since 1970 when the release arrived at this peer. */
  readonly firstSeen: number;
  readonly retracted?: { readonly how: 'yank' | 'deprecate'; readonly reason: string };
  /** Releases of the same version with another cid: proof of equivocation, never installed. */
  readonly equivocations: readonly VerifiedRecord[];
}

/** A package as the fold of its records. */
export interface PackageState {
  readonly name: string;
  /** Whom the name belongs to; undefined while it is contested. */
  readonly publisher?: PublisherId;
  /** Everyone who published under the name, in ascending order; more than one without a binding is a contest. */
  readonly claimants: readonly PublisherId[];
  /** Versions of the publisher in ascending semver order. */
  readonly versions: readonly VersionState[];
  /** Tags to versions, `latest` always there when any version is. */
  readonly tags: Readonly<Record<string, string>>;
}

/** What the site decided, beside what the records say. */
export interface Bindings {
  /** The publisher that a name is bound to: by policy, or by first sight. */
  publisherOf(name: string, claimants: readonly PublisherId[]): PublisherId | undefined;
  /** The cid that a version is bound to among several: the one seen first. */
  cidOf(name: string, version: string, cids: readonly string[]): string | undefined;
}

