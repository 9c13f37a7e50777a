import { createHash } from 'node:crypto';
import { LogOutput, PackageDoc, PublisherDoc } from '@souk/contracts';
import { toHex, sha256Of } from '@souk/domain';
import type { Site } from '../../scenario/site.ts';
import type { Publisher } from './publisher.ts';
import type { Release } from './release.ts';

/** What is wrong with a site that somebody published to. */
export interface Losses {
  /** What was acknowledged and is not there, or with other bytes. */
  readonly lost: string[];
  /** Versions that are there more than once, and forks. */
  readonly doubled: string[];
}

const page = 200;
/** After how long bytes that do not come count as lost: a site asks other peers for what it lacks. */
const answerMs = 20_000;

/**
 * Compares a site with what it acknowledged to somebody: every record in its log, each once, the log unforked, and the bytes of the last
 * `recent` releases and of some earlier ones.
 */
export async function lossesOf(site: Site, by: Publisher, recent: number, random: () => number): Promise<Losses> {
  const losses: Losses = { lost: [], doubled: [] };
  if (by.acknowledged.length === 0) return losses;
  await compareRecords(site, by, losses);
  await comparePackage(site, by, losses);
  const older = by.acknowledged.slice(0, -recent);
  const some = Array.from({ length: Math.min(3, older.length) }, () => older[Math.floor(random() * older.length)] as Release);
  for (const release of [...some, ...by.acknowledged.slice(-recent)]) await compareBytes(site, release, losses);
  return losses;
}

async function compareRecords(site: Site, by: Publisher, { lost, doubled }: Losses): Promise<void> {
  const held = new Set<string>();
  for (let after = -1; ; ) {
    const answer = await site.get(`/v1/publishers/${by.key}/log?after=${after}&limit=${page}`);
    if (answer.status !== 200) return void lost.push(`the log of ${by.name}: ${answer.status} ${JSON.stringify(answer.body)}`);
    const { records, head } = LogOutput.parse(answer.body);
    for (const { header, body } of records) held.add(`${header} ${body}`);
    after += records.length;
    if (head === undefined || after >= head.seq || records.length === 0) break;
  }
  for (const { name, version, record } of by.acknowledged) if (!held.has(`${record.header} ${record.body}`)) lost.push(`the record of ${name}@${version}`);
  const answer = await site.get(`/v1/publishers/${by.id}`);
  if (answer.status !== 200) return void lost.push(`the keys of ${by.name}: ${answer.status} ${JSON.stringify(answer.body)}`);
  const { keys } = PublisherDoc.parse(answer.body);
  for (const { key, standing } of keys) if (standing !== 'good') doubled.push(`the log of ${key} is ${standing}`);
}

async function comparePackage(site: Site, by: Publisher, { lost, doubled }: Losses): Promise<void> {
  const answer = await site.get(`/v1/packages/${by.name}`);
  if (answer.status !== 200) return void lost.push(`${by.name}: ${answer.status}`);
  const { totalVersions, versions } = PackageDoc.parse(answer.body);
  const names = versions.map(({ version }) => version);
  if (new Set(names).size !== names.length) doubled.push(`${by.name} names versions twice`);
  if (totalVersions > by.made) doubled.push(`${by.name} has ${totalVersions} versions, ${by.made} were made`);
  if (totalVersions < by.acknowledged.length) lost.push(`${by.name} has ${totalVersions} versions, ${by.acknowledged.length} were acknowledged`);
}

async function compareBytes(site: Site, { name, version, cid, bytes }: Release, { lost }: Losses): Promise<void> {
  try {
    const answer = await fetch(new URL(`/v1/blobs/${cid}`, site.url), { signal: AbortSignal.timeout(answerMs) });
    const got = new Uint8Array(await answer.arrayBuffer());
    if (toHex(sha256Of(got)) !== createHash('sha256').update(bytes).digest('hex')) lost.push(`the bytes of ${name}@${version}: ${answer.status}, ${got.length} of ${bytes.length}`);
  } catch (error) {
    lost.push(`the bytes of ${name}@${version}: ${String(error)}`);
  }
}
