import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Cid } from '../id/cid.ts';
import { KeyId } from '../id/key-id.ts';
import { nameProblem } from '../id/package-name.ts';
import { isAssigned, type SitePlace } from '../placement/rendezvous.ts';

/** A release as far as it matters whether its blob is kept for good. */
export interface NamedRelease {
  readonly name: string;
  readonly version: string;
  readonly cid: Cid;
  /** The key that signed it. */
  readonly key: KeyId;
}

/** The site's policy of what is kept for good once it is here, beside what is published here. */
export interface PinRule {
  /** Equal for equal rules. */
  readonly fingerprint: string;
  /** Whether the blob of a release, whose record is held, is kept. */
  keeps(release: NamedRelease): Promise<boolean>;
  /** Whether what is published at this site belongs on this peer's disk: the others of the site hold the rest. */
  isOurs(cid: Cid): boolean;
}

/** Whether a text is a pattern of packages to keep: a name, `@scope/*`, a publisher's id, or `*` for all. */
export function isPinPattern(text: string): boolean {
  if (text === '*' || KeyId.safeParse(text).success) return true;
  return nameProblem(text.endsWith('/*') ? `${text.slice(0, -1)}x` : text) === undefined && (!text.endsWith('/*') || text.startsWith('@'));
}

/**
 * The rule that patterns make. A name alone is not believed, because anybody can sign a release under it: it must be the one that the
 * catalogue binds to that version. `place` says which of the site's peers this is.
 */
export function pinRule(patterns: readonly string[], catalogue: Pick<Catalogue, 'package' | 'writer'>, place: SitePlace = { ordinal: 0, peers: 1, copies: 1 }): PinRule {
  const wanted = new Set(patterns);
  const publishers = new Set(patterns.filter((one) => KeyId.safeParse(one).success));
  const named = (name: string): boolean => wanted.has(name) || (name.startsWith('@') && wanted.has(`${name.slice(0, name.indexOf('/'))}/*`));
  const isBound = async ({ name, version, cid }: NamedRelease): Promise<boolean> => {
    const state = await catalogue.package(name);
    return state?.versions.some((one) => one.version === version && one.release.cid === cid) ?? false;
  };
  return {
    fingerprint: [...wanted].sort().join(',') + (place.peers > 1 ? `;${place.ordinal}/${place.peers}/${place.copies}` : ''),
    isOurs: (cid) => isAssigned(cid, place),
    keeps: async (release) => {
      if (wanted.has('*')) return true;
      if (named(release.name) && (await isBound(release))) return true;
      const publisher = publishers.size === 0 ? undefined : (await catalogue.writer(release.key)).publisher;
      return publisher !== undefined && publishers.has(publisher);
    },
  };
}
