import { inspectArchive } from '@souk/archive';
import { fromHex, manifestOf, parseStrictJson, toWire, type ReleaseBody, type VerifiedRecord, type WireRecord } from '@souk/domain';
import type { Author } from '@souk/testing/builders';

const maxBytes = 64 * 1_048_576;

/** What a release says of an archive's bytes, as an honest author would sign it. */
export async function factsOf(bytes: Uint8Array): Promise<ReleaseBody> {
  const report = await inspectArchive(once(bytes), { maxBytes });
  const { name, version, kind, manifest } = manifestOf(parseStrictJson(report.packageJson ?? new Uint8Array(), { maxBytes }));
  const { cid, integrity, size, unpackedSize, files, tree, chunks } = report;
  return { name, version, kind, manifest, cid, integrity, size, unpackedSize, files: files.length, tree: fromHex(tree), chunks: [...chunks] };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Signs a release by an author's device, honest or not: nothing is compared with anything. */
export function signRelease(author: Author, body: ReleaseBody): VerifiedRecord {
  return author.device.write('release', body);
}

/** Everything that an author wrote, as it is sent. */
export function wire(author: Author): { records: WireRecord[] } {
  return { records: author.records.map(toWire) };
}
