import { Readable } from 'node:stream';
import { inspectArchive, requireSound, type ArchiveReport } from '@souk/archive';
import { maxAppend } from '@souk/contracts';
import { fromHex, manifestOf, maxPackageJsonBytes, parseStrictJson, toWire, type PackageManifest, type VerifiedRecord, type WireRecord } from '@souk/domain';
import type { Author } from '@souk/testing/builders';
import { inParallel } from '../parts/in-parallel.ts';
import type { SiteClient } from './site-client.ts';

/** A package that is ready to be uploaded and signed. */
export interface Prepared extends PackageManifest {
  readonly bytes: Buffer<ArrayBuffer>;
  readonly report: ArchiveReport;
}

const maxExcerpt = 2000;
const uploadsAtATime = 8;
/** Most characters of JSON in one append, as the command line sends it. */
const maxBatchChars = 600_000;

/** Inspects an archive as `souk publish` does. Throws BAD_ARCHIVE, BAD_MANIFEST. */
export async function prepare(bytes: Buffer<ArrayBuffer>): Promise<Prepared> {
  const report = requireSound(await inspectArchive(Readable.from([bytes]), { maxBytes: bytes.length }));
  const packageJson = parseStrictJson(report.packageJson ?? '', { maxBytes: maxPackageJsonBytes });
  return { ...manifestOf(packageJson), bytes, report };
}

/** Signs the release of a package as the author's next record, with all that `souk publish` puts in. */
export function signRelease(author: Author, { name, version, kind, manifest, report }: Prepared): VerifiedRecord {
  const { cid, integrity, size, unpackedSize, files, tree, chunks, readme } = report;
  return author.device.write('release', {
    name, version, kind, manifest, cid, integrity, size, unpackedSize,
    files: files.length,
    tree: fromHex(tree),
    chunks: [...chunks],
    ...(readme ? { readme: { path: readme.path, excerpt: readme.text.slice(0, maxExcerpt).toWellFormed() } } : {}),
  });
}

/** Tells a site of an author's keys. */
export async function introduce(client: SiteClient, author: Author): Promise<void> {
  await client.postRecords([...author.root.records, ...author.device.records].map(toWire));
}

function batches(records: readonly WireRecord[]): WireRecord[][] {
  const all: WireRecord[][] = [];
  let chars = Infinity;
  for (const record of records) {
    const size = JSON.stringify(record).length + 1;
    if (chars + size > maxBatchChars || (all.at(-1)?.length ?? 0) >= maxAppend) {
      all.push([]);
      chars = 0;
    }
    all.at(-1)?.push(record);
    chars += size;
  }
  return all;
}

/** Publishes packages of one author, who was introduced: uploads several at a time, then the signed releases in as few appends as a site takes. */
export async function publishAll(client: SiteClient, author: Author, packages: readonly Prepared[]): Promise<void> {
  await inParallel(packages, uploadsAtATime, ({ report, bytes }) => client.putBlob(report.cid, bytes));
  for (const batch of batches(packages.map((one) => toWire(signRelease(author, one))))) await client.postRecords(batch);
}
