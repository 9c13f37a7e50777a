import { createHash } from 'node:crypto';
import { blobCid, isSoukError, SoukError, type BlobStore, type Cid, type ReleaseBody } from '@souk/domain';
import type { Log, Metrics } from '@souk/nest';
import type { PeerNode } from '@souk/p2p';

/** What healing needs. */
export interface HealerNeeds {
  /** The blobs as they lie on the disk. */
  readonly blobs: Pick<BlobStore, 'read'>;
  /** Releases that name a blob: what they say is needed to fetch it. */
  readonly releasesOf: (cid: Cid) => Promise<readonly ReleaseBody[]>;
  /** Deletes a damaged blob that nobody has to keep; false when it stays. */
  readonly drop: (cid: Cid) => Promise<boolean>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly stopping: AbortSignal;
  /** How many times as long as usual others are waited for. */
  readonly patience: number;
  readonly now?: () => number;
}

/** How long a damaged blob is fetched again, in milliseconds, and after what time one that nobody could give is tried once more. */
const healMs = 20_000;
const restMs = 5000;

/**
 * Blobs whose bytes on disk are not those that their cid names: set aside, so that they count as not here, and fetched again from other peers. What is
 * fetched takes the place of the damaged file; one that nobody can give is deleted if it is only cached, else it stays aside for `souk doctor`.
 */
export class Healer {
  readonly #needs: HealerNeeds;
  readonly #aside = new Set<Cid>();
  readonly #work = new Map<Cid, Promise<void>>();
  readonly #failedAt = new Map<Cid, number>();
  readonly #count: { damaged(): void; healed(): void };
  #node: Pick<PeerNode, 'fetchBlob'> | undefined;

  constructor(needs: HealerNeeds) {
    this.#needs = needs;
    const damaged = needs.metrics.counter('souk_blobs_damaged_total');
    const healed = needs.metrics.counter('souk_blobs_healed_total');
    this.#count = { damaged: () => damaged.add({}), healed: () => healed.add({}) };
  }

  /** Says who fetches; before that nothing can be healed. */
  fetchBy(node: Pick<PeerNode, 'fetchBlob'>): void {
    this.#node = node;
  }

  /** Whether a blob is set aside: for everybody else it is not here. */
  isAside(cid: Cid): boolean {
    return this.#aside.has(cid);
  }

  /** A blob was written whole: it is no longer what was damaged. */
  replaced(cid: Cid): void {
    this.#aside.delete(cid);
    this.#failedAt.delete(cid);
  }

  /** Whether the bytes on disk have this cid: the only proof, since releases may lie about chunks. */
  async isSound(cid: Cid): Promise<boolean> {
    const hash = createHash('sha256');
    try {
      for await (const piece of await this.#needs.blobs.read(cid)) hash.update(piece);
    } catch (error) {
      if (isSoukError(error) && (error.code === 'STORAGE_CORRUPT' || error.code === 'BLOB_NOT_FOUND')) return false;
      throw error;
    }
    return blobCid(new Uint8Array(hash.digest())) === cid;
  }

  /**
   * Makes a blob that seems damaged whole: looks again, then fetches it from others. Who comes meanwhile shares the work.
   * Throws NO_PROVIDER when nobody can give it.
   */
  heal(cid: Cid): Promise<void> {
    const underWay = this.#work.get(cid);
    if (underWay) return underWay;
    const work = this.#heal(cid).finally(() => this.#work.delete(cid));
    this.#work.set(cid, work);
    return work;
  }

  /** Waits for what is under way. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#work.values());
  }

  async #heal(cid: Cid): Promise<void> {
    const { log, now = Date.now } = this.#needs;
    if (now() - (this.#failedAt.get(cid) ?? -Infinity) < restMs) throw damagedHere(cid);
    if (await this.isSound(cid)) return this.replaced(cid);
    if (!this.#aside.has(cid)) {
      this.#aside.add(cid);
      this.#count.damaged();
      log.warn('A blob is damaged on disk; it is fetched again from other peers. Check the disk', { cid });
    }
    const failure = await this.#fetch(cid);
    // Whoever published it may have sent it again meanwhile: that is not to be deleted.
    if (failure === undefined || (await this.isSound(cid))) {
      this.replaced(cid);
      this.#count.healed();
      log.info('a damaged blob is whole again', { cid });
      return;
    }
    this.#failedAt.set(cid, now());
    const isGone = await this.#needs.drop(cid).catch(() => false);
    if (isGone) this.replaced(cid);
    throw damagedHere(cid, failure);
  }

  /** Fetches by what each release says until one is right; undefined when the blob is here, else why not. */
  async #fetch(cid: Cid): Promise<unknown> {
    const signal = AbortSignal.any([this.#needs.stopping, AbortSignal.timeout(healMs * this.#needs.patience)]);
    let failure: unknown = new SoukError('NO_PROVIDER', `No release that is known names the blob ${cid}.`);
    for (const { size, chunks } of await this.#needs.releasesOf(cid)) {
      try {
        await this.#node?.fetchBlob(cid, { size, chunks, signal });
        if (await this.isSound(cid)) return undefined;
      } catch (error) {
        failure = error;
      }
    }
    return failure;
  }
}

function damagedHere(cid: Cid, cause?: unknown): SoukError {
  return new SoukError('NO_PROVIDER', `The blob ${cid} is damaged on this site's disk, and no other peer could give it.`, {
    hint: 'Try again when a peer that has it is online; publishing the same files again also puts it right. Ask the operator to run souk doctor.',
    details: { cid },
    cause,
  });
}
