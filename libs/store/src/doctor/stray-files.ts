import type { Dirent } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Cid, found, type CheckStep, type Finding } from '@souk/domain';
import { isTemporaryName, syncFolder } from '../durable-file.ts';
import { storageCode } from '../storage-error.ts';

/** Where damaged files are kept, so that nothing is lost that somebody may want to look at. */
const asideFolder = 'set-aside';

/** Moves a file of a data folder aside, durably. */
export async function putAside(folder: string, file: string): Promise<void> {
  const aside = join(folder, asideFolder);
  await mkdir(aside, { recursive: true, mode: 0o700 });
  await rename(join(folder, file), join(aside, basename(file)));
  await syncFolder(aside);
}

async function entries(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (storageCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Files that lie among the blobs and can't be found as one, relative to the data folder. */
async function misplacedBlobs(folder: string): Promise<string[]> {
  const misplaced: string[] = [];
  for (const shard of await entries(join(folder, 'blobs'))) {
    if (!shard.isDirectory()) {
      misplaced.push(join('blobs', shard.name));
      continue;
    }
    for (const one of await entries(join(folder, 'blobs', shard.name))) {
      if (!Cid.safeParse(one.name).success || one.name.slice(-2) !== shard.name) misplaced.push(join('blobs', shard.name, one.name));
    }
  }
  return misplaced;
}

/** What a crash left while something was written: temporary files, and unfinished blobs. */
async function leftovers(folder: string): Promise<string[]> {
  const left: string[] = (await entries(join(folder, 'drafts'))).map((one) => join('drafts', one.name));
  for (const below of ['', 'keys']) {
    for (const { name } of await entries(join(folder, below))) if (isTemporaryName(name)) left.push(join(below, name));
  }
  return left;
}

/** Looks for files that have no business in a data folder. */
export async function* examineStrayFiles(folder: string, { fix }: { readonly fix: boolean }): AsyncGenerator<CheckStep> {
  const left = await leftovers(folder);
  if (left.length > 0) {
    const finding: Finding = { check: 'orphans', level: 'note', what: `${left.length} unfinished files lie in ${folder}, such as ${left[0]}.`, why: 'A site was killed while it wrote; nothing that it had acknowledged is among them.', todo: 'Run souk doctor --fix to delete them.' };
    if (fix) for (const file of left) await rm(join(folder, file), { recursive: true, force: true });
    yield found(fix ? { ...finding, fixed: true } : finding);
  }
  const misplaced = await misplacedBlobs(folder);
  if (misplaced.length > 0) {
    const finding: Finding = { check: 'blobs', level: 'note', what: `${misplaced.length} files lie among the blobs and are none, such as ${misplaced[0]}.`, why: 'They were put there by hand or by another program, or a disk is damaged.', todo: `Run souk doctor --fix to move them to ${join(folder, asideFolder)}.` };
    if (fix) for (const file of misplaced) await putAside(folder, file);
    yield found(fix ? { ...finding, fixed: true } : finding);
  }
}
