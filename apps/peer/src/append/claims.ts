import { readFact, requireBound, scopePatternOf, SoukError, toHex, versionNotFound, type Catalogue, type Fact, type KeyId, type NameBindings, type PublisherId, type VerifiedRecord, type Writer } from '@souk/domain';
import { packageNotFound } from '../catalogue/not-found.ts';
import { soleOwnerOf } from '../site-log/scope-owner.ts';

/** A package as far as the records of one append depend on it: what is held, and what the records before changed. */
interface Claimed {
  publisher: PublisherId | undefined;
  /** Who alone may take a name that nobody has yet: the name or its scope is bound, or all names of the scope are theirs. */
  readonly reserved: PublisherId | undefined;
  readonly versions: Map<string, { readonly cid: string; readonly tree: string }>;
}

type PackageFact = Extract<Fact, { kind: 'release' | 'tag' | 'retract' }>;

/** What the claims are judged by. */
export interface ClaimNeeds {
  readonly catalogue: Catalogue;
  readonly bindings: NameBindings;
}

async function claimedSoFar({ catalogue, bindings }: ClaimNeeds, name: string): Promise<Claimed> {
  const state = await catalogue.package(name);
  if (state === undefined || state.boundTo !== undefined) {
    const pattern = scopePatternOf(name);
    const reserved = bindings.forNew(name)?.publisher ?? (pattern === undefined ? undefined : await soleOwnerOf(catalogue, pattern));
    return { publisher: undefined, reserved, versions: new Map() };
  }
  const versions = new Map(state.versions.map((one) => [one.version, { cid: one.release.cid, tree: toHex(one.release.tree) }]));
  return { publisher: requireBound(state).publisher, reserved: undefined, versions };
}

function nameTaken(name: string, publisher: PublisherId): SoukError {
  return new SoukError('NAME_TAKEN', `The name ${name} belongs to another publisher, ${publisher}.`, {
    hint: 'Publish under another name, best under a scope of your own: @you/name.',
    details: { name, publisher },
  });
}

function reservedFor(name: string, publisher: PublisherId): SoukError {
  const pattern = scopePatternOf(name);
  return new SoukError('NAME_TAKEN', `${pattern === undefined ? `The name ${name}` : `${name}, or its scope,`} belongs at this site to another publisher, ${publisher}.`, {
    hint: `Publish under a scope of your own, or ask an administrator of the site: souk policy bind ${name} PUBLISHER`,
    details: { name, publisher, ...(pattern === undefined ? {} : { scope: pattern }) },
  });
}

function versionExists(claim: Extract<PackageFact, { kind: 'release' }>['body'], bound: { cid: string; tree: string }): SoukError {
  const { name, version } = claim;
  const sameTree = bound.tree === toHex(claim.tree);
  return new SoukError('VERSION_EXISTS', `${name}@${version} is published already${sameTree ? ', with the same files' : ', with other files'}.`, {
    hint: sameTree ? 'There is nothing to do.' : 'A published version never changes: raise the version and publish again.',
    details: { name, version, cid: bound.cid, sameTree },
  });
}

function apply(fact: PackageFact, publisher: PublisherId, claimed: Claimed): void {
  const { name, version } = fact.body;
  if (claimed.publisher === undefined && fact.kind !== 'release') throw packageNotFound(name);
  if (claimed.publisher !== undefined && claimed.publisher !== publisher) throw nameTaken(name, claimed.publisher);
  if (claimed.publisher === undefined && claimed.reserved !== undefined && claimed.reserved !== publisher) throw reservedFor(name, claimed.reserved);
  const bound = claimed.versions.get(version);
  if (fact.kind !== 'release') {
    if (!bound) throw versionNotFound(name, version, { versions: [...claimed.versions.keys()], tags: {} });
    return;
  }
  if (bound) throw versionExists(fact.body, bound);
  claimed.publisher = publisher;
  claimed.versions.set(version, { cid: fact.body.cid, tree: toHex(fact.body.tree) });
}

/**
 * Checks what new records say about packages against what is published, record by record in their order: a name has one publisher,
 * a version one release, and tags and retractions name versions that exist.
 * Throws NAME_TAKEN, VERSION_EXISTS with details `{ name, version, cid, sameTree }`, PACKAGE_NOT_FOUND, VERSION_NOT_FOUND, CONTESTED_NAME, BANNED.
 */
export async function requireFreeClaims(records: readonly VerifiedRecord[], writers: ReadonlyMap<KeyId, Writer>, needs: ClaimNeeds): Promise<void> {
  const packages = new Map<string, Claimed>();
  for (const record of records) {
    const fact = readFact(record);
    if (fact?.kind !== 'release' && fact?.kind !== 'tag' && fact?.kind !== 'retract') continue;
    const publisher = writers.get(record.key)?.publisher;
    if (publisher === undefined) continue;
    const { name } = fact.body;
    const claimed = packages.get(name) ?? (await claimedSoFar(needs, name));
    packages.set(name, claimed);
    apply(fact, publisher, claimed);
  }
}
