import { createHash } from 'node:crypto';
import { throwIfAborted } from '../errors/abort.ts';
import { isSoukError } from '../errors/souk-error.ts';
import { blobCid, type Cid } from '../id/cid.ts';
import type { BlobLedger, HeldBlob } from '../ports/blob-ledger.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import { found, type CheckStep, type Finding } from './finding.ts';

/** What is done about damage. */
export interface BlobRepair {
  /** Deletes a blob that is damaged and can be fetched again, or that no record names. False when it is in use and stayed. */
  drop(cid: Cid): Promise<boolean>;
  /** Fetches a damaged blob again, which takes the place of what is here; false when nobody can give it. Absent: nobody is asked. */
  heal?(cid: Cid): Promise<boolean>;
  /** Puts a damaged blob that was published here aside, so that it is kept but no longer served. Absent: it stays. */
  putAside?(cid: Cid): Promise<void>;
}

/** How blobs are checked. */
export interface BlobCheckOptions {
  /** Puts right what is safe; nothing is changed when absent. */
  readonly repair?: BlobRepair;
  /** Unnamed blobs count as orphans when they came before this time, in milliseconds since 1970. */
  readonly orphanedBefore: number;
  readonly signal?: AbortSignal;
}

type Blobs = Pick<BlobStore, 'list' | 'read'>;
type Ledger = Pick<BlobLedger, 'get' | 'unnamed' | 'usage'>;

/** Blobs after which a check says how far it is. */
const tellEvery = 5;

/** Why a blob's bytes are not those of its cid; undefined when they are, or when it went away meanwhile. */
async function damageOf(blobs: Blobs, cid: Cid): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const piece of await blobs.read(cid)) hash.update(piece);
  } catch (error) {
    if (!isSoukError(error)) throw error;
    return error.code === 'BLOB_NOT_FOUND' ? undefined : error.message;
  }
  const actual = blobCid(new Uint8Array(hash.digest()));
  return actual === cid ? undefined : `Its bytes have the cid ${actual}.`;
}

async function judged(cid: Cid, why: string, held: HeldBlob | undefined, repair: BlobRepair | undefined): Promise<Finding> {
  const isOurs = held?.keeping === 'pinned';
  const what = `The blob ${cid} is damaged${isOurs ? ', and it is one that this site keeps for good' : ''}.`;
  const todo = isOurs
    ? 'Run souk doctor --fix, then have it fetched from another peer by installing it, or publish the same files again; or restore a backup. Check the disk.'
    : 'Run souk doctor --fix: it is deleted, and fetched again when somebody wants it. Check the disk.';
  const finding: Finding = { check: 'blobs', level: 'problem', what, why, todo };
  if (!repair) return finding;
  if (await repair.heal?.(cid)) return { ...finding, todo: 'It was fetched again from another peer. Check the disk.', fixed: true };
  if (!isOurs) return (await repair.drop(cid)) ? { ...finding, fixed: true } : finding;
  if (!repair.putAside) return finding;
  await repair.putAside(cid);
  return { ...finding, todo: 'It was put aside. Have it fetched from another peer by installing it, or publish the same files again; or restore a backup. Check the disk.', fixed: true };
}

/** Reads every blob that is here and compares it with its cid. Long: it reads all bytes. */
export async function* checkBlobs(blobs: Blobs, ledger: Ledger, options: BlobCheckOptions): AsyncGenerator<CheckStep> {
  const { pinned, cached, unnamed } = ledger.usage();
  const total = pinned.blobs + cached.blobs + unnamed.blobs;
  let done = 0;
  for await (const cid of blobs.list()) {
    throwIfAborted(options.signal, 'The check');
    const why = await damageOf(blobs, cid);
    if (why !== undefined) yield found(await judged(cid, why, await ledger.get(cid), options.repair));
    if ((done += 1) % tellEvery === 0) yield { type: 'checked', check: 'blobs', done, total: Math.max(total, done) };
  }
  yield { type: 'checked', check: 'blobs', done, total: done };
}

/** Looks for blobs that no record names and that are here for longer than an upload takes. */
export async function* checkOrphans(ledger: Ledger, options: BlobCheckOptions): AsyncGenerator<CheckStep> {
  const orphans = await ledger.unnamed(options.orphanedBefore, Number.MAX_SAFE_INTEGER);
  const bytes = orphans.reduce((sum, one) => sum + one.size, 0);
  let dropped = 0;
  for (const { cid } of orphans) if (await options.repair?.drop(cid)) dropped += 1;
  if (orphans.length > 0) {
    const finding: Finding = {
      check: 'orphans',
      level: 'note',
      what: `${orphans.length} uploaded blobs (${bytes} bytes) are named by no record.`,
      why: 'Their upload was not followed by a release.',
      todo: 'Run souk doctor --fix, or let the site delete them by itself.',
    };
    yield found(dropped === orphans.length ? { ...finding, fixed: true } : finding);
  }
  yield { type: 'checked', check: 'orphans', done: orphans.length, total: orphans.length };
}
