import type { ResolvedPackage } from '@souk/contracts';
import { carriedEvidence, counts, fromWire, readFact, readWriter, requirementsOf, SoukError, toHex, toWire, verify, type Fact, type KeyId, type Kind, type ManifestFields, type VerifiedRecord, type WireRecord, type Writer } from '@souk/domain';

/** A package of an answer with what its publisher signed about it. Everything here was read from the signed record. */
export interface ProvenPackage extends ResolvedPackage {
  readonly kind: Kind;
  readonly manifest: ManifestFields;
  /** `treeHash` of the files, hexadecimal. */
  readonly tree: string;
  readonly files: number;
  readonly unpackedSize: number;
  /** The records that prove it. */
  readonly proof: readonly WireRecord[];
}

/** What is said of a package; a lockfile does not say its size. */
export type ClaimedPackage = Pick<ResolvedPackage, 'name' | 'version' | 'cid' | 'integrity' | 'publisher'> & { readonly size?: number };

/** What a site, or the disk, says: packages, and records that are to prove them. */
export interface Claim {
  readonly packages: readonly ClaimedPackage[];
  readonly proof: readonly WireRecord[];
}

type Release = Extract<Fact, { kind: 'release' }>;

const aboutKeys: ReadonlySet<string> = new Set(['inception', 'rotate', 'delegate', 'revoke']);

/**
 * Proves every package of an answer by signed records alone: each record's signature, the delegation of the key that signed the release,
 * its publisher, and that name, version, cid, integrity and size are those that were signed.
 * Throws BAD_RECORD, BAD_SIGNATURE, UPGRADE_NEEDED, UNTRUSTED_ANSWER.
 */
export async function provePackages(claim: Claim): Promise<ProvenPackage[]> {
  const records = claim.proof.map((wire) => verify(fromWire(wire)));
  const evidence = carriedEvidence(records.filter((one) => aboutKeys.has(one.fields.kind)));
  const releases = releasesOf(records);
  const writers = new Map<KeyId, Writer>();
  const proven = new Map<string, ProvenPackage>();
  for (const one of claim.packages) {
    if (proven.has(one.name)) throw untrusted(one, 'is named twice');
    const found = (releases.get(`${one.name}@${one.version}`) ?? []).filter((release) => release.body.cid === one.cid);
    if (found.length === 0) throw untrusted(one, 'comes without a signed release that names its bytes');
    let problem = '';
    for (const release of found) {
      const { key } = release.record;
      const writer = writers.get(key) ?? (await readWriter(evidence, key));
      writers.set(key, writer);
      problem = problemOf(one, release, writer);
      if (problem === '') proven.set(one.name, proved(one, release, writer));
    }
    if (!proven.has(one.name)) throw untrusted(one, problem);
    checkFacts(one, proven.get(one.name) as ProvenPackage);
  }
  return [...proven.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function releasesOf(records: readonly VerifiedRecord[]): Map<string, Release[]> {
  const releases = new Map<string, Release[]>();
  for (const record of records) {
    const fact = record.fields.kind === 'release' ? readFact(record) : undefined;
    if (fact?.kind !== 'release') continue;
    const id = `${fact.body.name}@${fact.body.version}`;
    releases.set(id, [...(releases.get(id) ?? []), fact]);
  }
  return releases;
}

/** Why a release does not count for the publisher it is said to be of; empty when it does. */
function problemOf(one: ClaimedPackage, { record }: Release, writer: Writer): string {
  if (writer.publisher === undefined) return `is signed by the key ${writer.key}, which ${writer.problem ?? 'writes for nobody'}`;
  if (!counts(writer, record.fields.seq)) return `is signed by the key ${writer.key} after its publisher revoked it`;
  return writer.publisher === one.publisher ? '' : `is signed for the publisher ${writer.publisher}, not ${one.publisher}`;
}

function proved(one: ClaimedPackage, { body, record }: Release, writer: Writer): ProvenPackage {
  const requires = Object.fromEntries(requirementsOf(body.manifest, body.kind).map(({ name, range }) => [name, range]));
  const proof = [...new Set([...writer.proof, record])].map(toWire);
  return { name: body.name, version: body.version, kind: body.kind, manifest: body.manifest, cid: body.cid, integrity: body.integrity, size: body.size, files: body.files, unpackedSize: body.unpackedSize, tree: toHex(body.tree), publisher: one.publisher, requires, proof };
}

function checkFacts(said: ClaimedPackage, signed: ProvenPackage): void {
  if (said.integrity !== signed.integrity) throw untrusted(said, 'has another integrity than was signed');
  if (said.size !== undefined && said.size !== signed.size) throw untrusted(said, 'has another size than was signed');
}

function untrusted(one: ClaimedPackage, why: string): SoukError {
  return new SoukError('UNTRUSTED_ANSWER', `The site's answer can't be trusted: ${one.name}@${one.version} ${why}.`, { hint: 'Nothing was installed. Ask another site by --site.', details: { name: one.name, version: one.version } });
}
