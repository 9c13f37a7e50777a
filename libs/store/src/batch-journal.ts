import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { blobCid, Cid, sha256Of, type SmallBlob } from '@souk/domain';

/** What a journal begins with: the cids and sizes of the blobs behind it, as one line of JSON. */
type Listed = readonly (readonly [cid: Cid, size: number])[];

const newline = 0x0a;
/** Bytes that are read to find the end of the first line; a list of 500 blobs has 35,000. */
const listBytes = 65_536;

/** Writes a journal, a file that must not exist, and flushes it to the disk: a line that lists the blobs, then the blobs. */
export function writeJournal(path: string, blobs: readonly SmallBlob[]): void {
  const list: Listed = blobs.map(({ cid, bytes }) => [cid, bytes.length]);
  const whole = Buffer.concat([Buffer.from(`${JSON.stringify(list)}\n`), ...blobs.map(({ bytes }) => bytes)]);
  const file = openSync(path, 'wx', 0o600);
  try {
    for (let written = 0; written < whole.length; ) written += writeSync(file, whole, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * The blobs of a journal that have the bytes which their cids name; undefined when it is too short. Both may be so because a crash came before it was on disk and
 * nobody was told of it: a power failure can leave a file of the right size in which blocks are missing.
 */
export function readJournal(path: string): readonly SmallBlob[] | undefined {
  const whole = readFileSync(path);
  const end = whole.indexOf(newline);
  const list = end === -1 ? undefined : listIn(whole.subarray(0, end));
  if (!list || list.reduce((sum, [, size]) => sum + size, end + 1) !== whole.length) return undefined;
  let at = end + 1;
  return list.map(([cid, size]) => ({ cid, bytes: whole.subarray(at, (at += size)) })).filter(({ cid, bytes }) => blobCid(sha256Of(bytes)) === cid);
}

/** The cids that a journal lists; none when it is not whole. */
export async function journalCids(path: string): Promise<readonly Cid[]> {
  const file = await open(path, 'r');
  try {
    let start = Buffer.alloc(0);
    for (let end = -1, size = listBytes; end === -1; size *= 2) {
      start = Buffer.alloc(size);
      const { bytesRead } = await file.read(start, 0, size, 0);
      end = start.subarray(0, bytesRead).indexOf(newline);
      if (end !== -1) return (listIn(start.subarray(0, end)) ?? []).map(([cid]) => cid);
      if (bytesRead < size) return [];
    }
    return [];
  } finally {
    await file.close();
  }
}

function listIn(line: Uint8Array): Listed | undefined {
  try {
    const list: unknown = JSON.parse(Buffer.from(line).toString('utf8'));
    return Array.isArray(list) && list.every(isListed) ? list : undefined;
  } catch {
    return undefined;
  }
}

function isListed(one: unknown): one is Listed[number] {
  return Array.isArray(one) && one.length === 2 && Cid.safeParse(one[0]).success && Number.isSafeInteger(one[1]) && one[1] >= 0;
}
