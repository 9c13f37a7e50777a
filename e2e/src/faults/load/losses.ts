import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { LogOutput, PackageDoc, PublisherDoc } from '@souk/contracts';
import { toHex, sha256Of } from '@souk/domain';
import type { HttpAnswer, Site } from '../../scenario/site.ts';
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

/** A site's answer; one that says it could not in time, as on a machine that does other work too, is asked again for a while. */
async function answerOf(site: Site, path: string): Promise<HttpAnswer> {
  const end = performance.now() + answerMs;
  for (;;) {
    const answer = await site.get(path);
    if ((answer.status !== 503 && answer.status !== 504) || performance.now() > end) return answer;
    await pause(100);
  }
}

/**
 * Compares a site with what it acknowledged to somebody: every record in its log, each once, the log unforked, and the bytes of the last
 * `recent` releases and of some earlier ones. `since`: how many of the first releases have been looked for before; their records are left out.
 */
export async function lossesOf(site: Site, by: Publisher, recent: number, random: () => number, since = 0): Promise<Losses> {
  const losses: Losses = { lost: [], doubled: [] };
  if (by.acknowledged.length === 0) return losses;
  await compareRecords(site, by, since, losses);
  for (const name of new Set(by.acknowledged.slice(since).map((one) => one.name))) await comparePackage(site, by, name, losses);
  const older = by.acknowledged.slice(0, by.acknowledged.length - recent);
  const some = Array.from({ length: Math.min(2, older.length) }, () => older[Math.floor(random() * older.length)] as Release);
  for (const release of [...some, ...by.acknowledged.slice(older.length)]) await compareBytes(site, release, losses);
  return losses;
}

async function compareRecords(site: Site, by: Publisher, since: number, { lost, doubled }: Losses): Promise<void> {
  const held = new Set<string>();
  for (let after = by.acknowledged[since - 1]?.seq ?? -1; ; ) {
    const answer = await answerOf(site, `/v1/publishers/${by.key}/log?after=${after}&limit=${page}`);
    if (answer.status !== 200) return void lost.push(`the log of ${by.name}: ${answer.status} ${JSON.stringify(answer.body)}`);
    const { records, head } = LogOutput.parse(answer.body);
    for (const { header, body } of records) held.add(`${header} ${body}`);
    after += records.length;
    if (head === undefined || after >= head.seq || records.length === 0) break;
  }
  for (const { name, version, record } of by.acknowledged.slice(since)) if (!held.has(`${record.header} ${record.body}`)) lost.push(`the record of ${name}@${version}`);
  const answer = await answerOf(site, `/v1/publishers/${by.id}`);
  if (answer.status !== 200) return void lost.push(`the keys of ${by.name}: ${answer.status} ${JSON.stringify(answer.body)}`);
  const { keys } = PublisherDoc.parse(answer.body);
  for (const { key, standing } of keys) if (standing !== 'good') doubled.push(`the log of ${key} is ${standing}`);
}

async function comparePackage(site: Site, by: Publisher, name: string, { lost, doubled }: Losses): Promise<void> {
  const answer = await answerOf(site, `/v1/packages/${name}`);
  if (answer.status !== 200) return void lost.push(`${name}: ${answer.status} ${JSON.stringify(answer.body)}`);
  const { totalVersions, versions } = PackageDoc.parse(answer.body);
  const names = versions.map(({ version }) => version);
  const acknowledged = by.acknowledged.filter((one) => one.name === name).length;
  if (new Set(names).size !== names.length) doubled.push(`${name} names versions twice`);
  if (totalVersions > by.made(name)) doubled.push(`${name} has ${totalVersions} versions, ${by.made(name)} were made`);
  if (totalVersions < acknowledged) lost.push(`${name} has ${totalVersions} versions, ${acknowledged} were acknowledged`);
}

async function compareBytes(site: Site, { name, version, cid, bytes }: Release, { lost }: Losses): Promise<void> {
  try {
    const answer = await site.fetch(`/v1/blobs/${cid}`, { signal: AbortSignal.timeout(answerMs) });
    const got = new Uint8Array(await answer.arrayBuffer());
    if (toHex(sha256Of(got)) !== createHash('sha256').update(bytes).digest('hex')) lost.push(`the bytes of ${name}@${version}: ${answer.status}, ${got.length} of ${bytes.length}`);
  } catch (error) {
    lost.push(`the bytes of ${name}@${version}: ${String(error)}`);
  }
}
