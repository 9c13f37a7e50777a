import type { KeyId, PublisherId } from '../id/key-id.ts';
import type { ReleaseBody } from '../record/body.ts';
import type { VerifiedRecord } from '../record/signed-record.ts';
import type { Ban } from '../site/bans.ts';

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
  /** To whom the site bound the name, when that is none of the claimants. */
  readonly boundTo?: PublisherId;
  /** The ban of its publisher at this site: nothing of it is installed or found here. */
  readonly ban?: Ban;
  /** Everyone who published under the name, in ascending order; more than one without a binding is a contest. */
  readonly claimants: readonly PublisherId[];
  /** Versions of the publisher in ascending semver order. */
  readonly versions: readonly VersionState[];
  /** Tags to versions, `latest` always there when any version is. */
  readonly tags: Readonly<Record<string, string>>;
}

/** What the site decided, beside what the records say. */
export interface Bindings {
  /** The publisher that the site bound a name to, whether it claims the name or not. */
  readonly boundTo: PublisherId | undefined;
  /** Who has a name that is bound to nobody, of several who claim it; undefined for a contest. */
  firstOf(claimants: readonly PublisherId[]): PublisherId | undefined;
  /** The cid that a version is bound to among several: the one seen first. */
  cidOf(name: string, version: string, cids: readonly string[]): string | undefined;
}

/** What a site decides about packages; of a peer without a site log, nothing. */
export interface CataloguePolicy {
  /** The publisher that a name is bound to. */
  boundTo(name: string): PublisherId | undefined;
  /**
   * Of several publishers of a name that is bound to nobody, the one seen first has it. Whether that is also so for those that were seen at one
   * moment, as one sync brings them: else nobody has the name until somebody decides.
   */
  readonly alwaysBySight: boolean;
  /** The ban of a publisher. */
  banOf(publisher: PublisherId): Ban | undefined;
  /** Whether records of a key do not count. */
  isShutOut(key: KeyId): boolean;
  /** Whether a release was taken down, or the record that says it. */
  isTakenDown(release: Pick<ReleaseBody, 'name' | 'version' | 'cid'>, record: { readonly key: KeyId; readonly seq: number }): boolean;
}

/** Nothing is decided: first sight has the last word. */
export const noPolicy: CataloguePolicy = { boundTo: () => undefined, alwaysBySight: true, banOf: () => undefined, isShutOut: () => false, isTakenDown: () => false };
