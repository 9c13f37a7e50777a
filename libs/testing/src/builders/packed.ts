import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packFolder, type ArchiveReport } from '@souk/archive';
import { fromHex, manifestOf, parseStrictJson, type Cid, type ReleaseBody } from '@souk/domain';

/** What a packed example may say instead of its defaults. */
export interface PackedOptions {
  /** Files beside package.json. */
  readonly files?: Readonly<Record<string, string>>;
  /** Fields of package.json beside name and version. */
  readonly manifest?: Readonly<Record<string, unknown>>;
}

/** A real archive of a small package, and the body of the release that says what it holds. */
export interface Packed {
  readonly cid: Cid;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly body: ReleaseBody;
}

function releaseBody(report: ArchiveReport): ReleaseBody {
  const { name, version, kind, manifest } = manifestOf(parseStrictJson(report.packageJson ?? '', { maxBytes: 100_000 }));
  const { cid, integrity, size, unpackedSize, files, tree, chunks } = report;
  return { name, version, kind, manifest, cid, integrity, size, unpackedSize, files: files.length, tree: fromHex(tree), chunks: [...chunks] };
}

/** Packs a small package as `souk publish` does. */
export async function packed(name: string, version: string, options: PackedOptions = {}): Promise<Packed> {
  const folder = await mkdtemp(join(tmpdir(), 'souk-packed-'));
  try {
    const files = { 'index.js': `export const is = '${name}@${version}';\n`, ...options.files, 'package.json': JSON.stringify({ name, version, ...options.manifest }) };
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    await using archive = await packFolder(folder);
    const pieces: Uint8Array[] = [];
    for await (const piece of archive.read()) pieces.push(piece);
    return { cid: archive.report.cid, bytes: new Uint8Array(Buffer.concat(pieces)), body: releaseBody(archive.report) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
