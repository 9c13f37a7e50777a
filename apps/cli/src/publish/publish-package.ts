import { routes, type VersionDoc } from '@souk/contracts';
import { diffFiles, FileEntry, fromHex, isSoukError, sameBytes, SoukError, type Cid, type Kind, type ReleaseBody } from '@souk/domain';
import type { Context } from '../context.ts';
import type { Author } from './author.ts';
import type { PackageInput } from './package-input.ts';

/** What became of a publish. */
export interface Published {
  readonly status: 'published' | 'already-published';
  readonly name: string;
  readonly version: string;
  readonly kind: Kind;
  readonly cid: Cid;
  readonly size: number;
  readonly files: number;
  readonly publisher: string;
}

const maxExcerpt = 2000;

/**
 * Publishes a package: uploads its bytes, signs its release, sends it. The same tree under the same version is `already-published`,
 * another one throws VERSION_EXISTS with the files that differ; a name of another publisher NAME_TAKEN. Both are found out before anything is signed.
 */
export async function publishPackage(context: Context, author: Author, input: PackageInput): Promise<Published> {
  const result = (status: Published['status'], cid: Cid): Published => {
    return { status, name: input.name, version: input.version, kind: input.kind, cid, size: input.report.size, files: input.report.files.length, publisher: author.publisher };
  };
  const own = await author.unsentRelease(input.name, input.version);
  if (own) {
    await refuseOtherTree(author, input, own);
    await author.send();
    return result('published', own.cid);
  }
  const held = await heldAt(author, input);
  if (held) {
    await refuseOtherTree(author, input, { ...held, tree: fromHex(held.tree) });
    await author.send();
    return result('already-published', held.cid);
  }
  const { cid, size } = input.report;
  const { signal } = context.host;
  if (!(await author.content.has(cid, size))) await author.content.put({ cid, size }, input.read(), { signal, durable: true });
  await author.upload(cid, size);
  const bound = await sendRelease(author, input);
  return bound === undefined ? result('published', cid) : result('already-published', bound);
}

/** The version as the site holds it, undefined when it does not. Throws NAME_TAKEN when the name belongs to somebody else. */
async function heldAt(author: Author, input: PackageInput): Promise<VersionDoc | undefined> {
  const { name, version } = input;
  try {
    const { publisher } = await author.gateway.call(routes.getPackage, { params: { name } });
    if (publisher !== undefined && publisher !== author.publisher) {
      throw new SoukError('NAME_TAKEN', `${name} belongs to the publisher ${publisher}; you are ${author.publisher}.`, { hint: `Publish under a scope of your own, as in @you/${name.replace(/^@[^/]+\//, '')}.`, details: { name, publisher } });
    }
    return await author.gateway.call(routes.getVersion, { params: { name, version } });
  } catch (error) {
    if (isSoukError(error) && (error.code === 'PACKAGE_NOT_FOUND' || error.code === 'VERSION_NOT_FOUND')) return undefined;
    throw error;
  }
}

async function refuseOtherTree(author: Author, input: PackageInput, bound: Pick<ReleaseBody, 'name' | 'version' | 'cid' | 'tree'>): Promise<void> {
  if (sameBytes(fromHex(input.report.tree), bound.tree)) return;
  throw new SoukError('VERSION_EXISTS', `${bound.name}@${bound.version} is published already, with other files.`, {
    hint: 'A published version never changes. Raise the version in package.json, then publish again.',
    details: { name: bound.name, version: bound.version, cid: bound.cid, sameTree: false, ...(await differences(author, input)) },
  });
}

async function differences(author: Author, input: PackageInput): Promise<Record<string, unknown>> {
  try {
    const { files } = await author.gateway.call(routes.getFiles, { params: { name: input.name, version: input.version } });
    return { files: diffFiles(FileEntry.array().parse(files), input.report.files) };
  } catch {
    // The list only helps to understand; the refusal stands without it.
    return {};
  }
}

/** Signs and sends the release; the cid that the version is bound to when the site held the same tree under another one. */
async function sendRelease(author: Author, input: PackageInput): Promise<Cid | undefined> {
  const { report } = input;
  const record = await author.sign('release', {
    name: input.name,
    version: input.version,
    kind: input.kind,
    manifest: input.manifest,
    cid: report.cid,
    integrity: report.integrity,
    size: report.size,
    unpackedSize: report.unpackedSize,
    files: report.files.length,
    tree: fromHex(report.tree),
    chunks: [...report.chunks],
    ...(report.readme ? { readme: { path: report.readme.path, excerpt: report.readme.text.slice(0, maxExcerpt).toWellFormed() } } : {}),
  });
  try {
    await author.send(record);
    return undefined;
  } catch (error) {
    if (!isSoukError(error) || error.code !== 'VERSION_EXISTS' || error.details?.['sameTree'] !== true) throw error;
    const bound = error.details['cid'];
    return (typeof bound === 'string' ? bound : report.cid) as Cid;
  }
}
