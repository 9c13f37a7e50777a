import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { unpackArchive } from '@souk/archive';
import type { ProvenResolution } from '@souk/contracts';
import { carriedEvidence, counts, fromWire, manifestOf, maxPackageJsonBytes, parseStrictJson, readFact, readWriter, sameManifest, toHex, verify, type Cid, type ReleaseBody } from '@souk/domain';
import type { Phases } from '../runner/phases.ts';
import type { SiteClient } from '../site/site-client.ts';

/** What the publisher signed of every package of a resolution, by cid. Throws when a package is not proven by the records that came with it. */
async function proven({ packages, proof }: ProvenResolution): Promise<Map<Cid, ReleaseBody>> {
  const records = proof.map((wire) => verify(fromWire(wire)));
  const evidence = carriedEvidence(records);
  const facts = records.map(readFact);
  const releases = new Map<Cid, ReleaseBody>();
  for (const { name, version, cid, publisher } of packages) {
    const fact = facts.find((one) => one?.kind === 'release' && one.body.name === name && one.body.version === version && one.body.cid === cid);
    if (fact?.kind !== 'release') throw new Error(`${name}@${version} came without its signed release`);
    const writer = await readWriter(evidence, fact.record.key);
    if (writer.publisher !== publisher || !counts(writer, fact.record.fields.seq)) throw new Error(`${name}@${version} is not proven to be of ${publisher}`);
    releases.set(cid, fact.body);
  }
  return releases;
}

async function unpackChecked(client: SiteClient, release: ReleaseBody, folder: string): Promise<void> {
  const report = await unpackArchive(await client.getBlob(release.cid), folder, { maxBytes: release.size, durable: true });
  const packageJson = parseStrictJson(report.packageJson ?? '', { maxBytes: maxPackageJsonBytes });
  const { manifest } = manifestOf(packageJson, { kind: release.kind });
  if (report.cid !== release.cid || report.tree !== toHex(release.tree) || !sameManifest(manifest, release.manifest)) throw new Error(`${release.name} is not what was signed`);
}

/**
 * Installs as the command line does, without its process: resolves, proves every package by signed records, has the site hold the blobs,
 * downloads each as soon as it does, checks and unpacks it durably beside the project, and swaps all in at the end.
 * `folder` must exist; answers how many packages there are.
 */
export async function clientInstall(client: SiteClient, dependencies: Readonly<Record<string, string>>, folder: string, phases: Phases): Promise<number> {
  const resolution = await phases.time('POST /v1/resolutions', () => client.resolve(dependencies));
  const releases = await phases.time('proving', () => proven(resolution));
  const staged = join(folder, 'staged');
  await mkdir(staged);
  const unpacking = new Map<Cid, Promise<void>>();
  const start = (cid: Cid): void => {
    const release = releases.get(cid);
    if (release && !unpacking.has(cid)) unpacking.set(cid, unpackChecked(client, release, join(staged, release.name)));
  };
  const exact = Object.fromEntries(resolution.packages.map(({ name, version }) => [name, version]));
  await phases.time('POST /v1/installs', () => client.install(exact, start));
  await phases.time('downloading and unpacking what was left', async () => {
    for (const cid of releases.keys()) start(cid);
    await Promise.all(unpacking.values());
    await rename(staged, join(folder, 'souk_modules'));
  });
  return releases.size;
}
