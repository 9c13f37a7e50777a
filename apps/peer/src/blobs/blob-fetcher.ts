import type { FetchProgress } from '@souk/contracts';
import { isSoukError, SoukError, throwIfAborted, versionNotFound, type BlobStore, type Catalogue, type Cid, type ReleaseBody } from '@souk/domain';
import { inSpan, noSpans, type Spans } from '@souk/nest';
import type { PeerNode } from '@souk/p2p';
import PQueue from 'p-queue';
import { requireVersion } from '../catalogue/package-reader.ts';
import { Pace } from '../pace.ts';
import type { SiblingBlobs } from '../replication/sibling-blobs.ts';
import type { Retention } from '../retention/retention.ts';
import { ProgressStream } from './progress-stream.ts';

/** A blob that someone wants here, and the release that names it. */
export interface WantedBlob {
  readonly cid: Cid;
  readonly name: string;
  readonly version: string;
}

/** What a fetcher works on. */
export interface FetcherNeeds {
  readonly blobs: Pick<BlobStore, 'size'>;
  readonly catalogue: Pick<Catalogue, 'package'>;
  readonly node: Pick<PeerNode, 'fetchBlob' | 'provide'>;
  readonly retention: Pick<Retention, 'hold' | 'wanted' | 'room'>;
  /** The other peers of the site; there are none when left out. */
  readonly siblings?: Pick<SiblingBlobs, 'bring'>;
  /** Records what is fetched; nothing is recorded unless given. */
  readonly spans?: Spans;
}

/** Blobs that are fetched at the same time for one caller. */
const parallel = 6;
const idleMs = 5000;
/** Failures that concern one blob only: the others are still worth fetching. */
const concernOneBlob = new Set(['NO_PROVIDER', 'PEER_UNREACHABLE', 'TIMEOUT', 'CID_MISMATCH']);

interface Missing {
  readonly wanted: WantedBlob;
  readonly release: ReleaseBody;
}

/** Makes sure that blobs are held here. */
export class BlobFetcher {
  readonly #needs: FetcherNeeds;

  constructor(needs: FetcherNeeds) {
    this.#needs = needs;
  }

  /**
   * Fetches what is missing, several blobs at once, and tells the progress of all of them; ends when all are held.
   * Everything that can be had is fetched before NO_PROVIDER names the rest in details `{ missing: [{ name, version, cid }] }`.
   * None of them is evicted meanwhile. Throws PACKAGE_NOT_FOUND, VERSION_NOT_FOUND for a blob that no release names; STORAGE_FULL, CANCELLED at once.
   */
  async *fetch(blobs: readonly WantedBlob[], signal: AbortSignal): AsyncGenerator<FetchProgress> {
    const release = await this.#needs.retention.hold(blobs.map((one) => one.cid));
    try {
      yield* this.#fetch(blobs, signal);
    } finally {
      release();
    }
  }

  async *#fetch(blobs: readonly WantedBlob[], signal: AbortSignal): AsyncGenerator<FetchProgress> {
    const missing: Missing[] = [];
    const pace = new Pace();
    for (const wanted of blobs) {
      await pace.step();
      throwIfAborted(signal, 'Fetching blobs');
      const size = await this.#needs.blobs.size(wanted.cid);
      if (size === undefined) missing.push({ wanted, release: await this.#releaseOf(wanted) });
      else {
        this.#needs.retention.wanted(wanted.cid);
        yield { cid: wanted.cid, bytes: size, total: size, providers: 0, done: true };
      }
    }
    if (missing.length === 0) return;
    await this.#needs.retention.room.require(missing.reduce((sum, { release }) => sum + release.size, 0));
    yield* this.#fetchMissing(missing, signal);
  }

  async #releaseOf({ cid, name, version }: WantedBlob): Promise<ReleaseBody> {
    const { release } = await requireVersion(this.#needs.catalogue, name, version);
    if (release.cid !== cid) throw versionNotFound(name, `${version} with the blob ${cid}`, { versions: [version], tags: {} });
    return release;
  }

  async *#fetchMissing(missing: readonly Missing[], signal: AbortSignal): AsyncGenerator<FetchProgress> {
    const givenUp = new AbortController();
    const progress = new ProgressStream<FetchProgress>(idleMs);
    const queue = new PQueue({ concurrency: parallel });
    const failed: { wanted: WantedBlob; error: SoukError }[] = [];
    let fatal: unknown;
    const fetchOne = async ({ wanted, release }: Missing): Promise<void> => {
      try {
        await this.#fetchOne(wanted, release, AbortSignal.any([signal, givenUp.signal]), progress);
      } catch (error) {
        if (isSoukError(error) && concernOneBlob.has(error.code)) failed.push({ wanted, error });
        else {
          fatal ??= error;
          givenUp.abort(error);
        }
      }
    };
    for (const one of missing) void queue.add(() => (givenUp.signal.aborted ? undefined : fetchOne(one)));
    void queue.onIdle().then(() => progress.end());
    try {
      yield* progress.values();
    } finally {
      givenUp.abort();
    }
    if (fatal !== undefined) throw fatal;
    throwIfAborted(signal, 'Fetching blobs');
    if (failed.length > 0) throw noProvider(failed);
  }

  #fetchOne({ cid }: WantedBlob, release: ReleaseBody, signal: AbortSignal, progress: ProgressStream<FetchProgress>): Promise<void> {
    const attributes = { 'souk.cid': cid, 'souk.bytes': release.size };
    return inSpan(this.#needs.spans ?? noSpans, { name: 'fetch blob', kind: 'internal', attributes }, () => this.#bring(cid, release, signal, progress));
  }

  async #bring(cid: Cid, release: ReleaseBody, signal: AbortSignal, progress: ProgressStream<FetchProgress>): Promise<void> {
    const { size, chunks } = release;
    if (await this.#needs.siblings?.bring(cid)) return progress.push({ cid, bytes: size, total: size, providers: 1, done: true });
    const report = await this.#needs.node.fetchBlob(cid, {
      size,
      chunks,
      signal,
      onProgress: ({ bytes, total, providers }) => progress.push({ cid, bytes, total, providers, done: false }),
    });
    if (!report.already) await this.#needs.node.provide([cid]);
    progress.push({ cid, bytes: size, total: size, providers: report.providers.length, done: true });
  }
}

function noProvider(failed: readonly { wanted: WantedBlob; error: SoukError }[]): SoukError {
  const names = failed.map(({ wanted }) => `${wanted.name}@${wanted.version}`);
  const shown = names.slice(0, 20).join(', ') + (names.length > 20 ? ` and ${names.length - 20} more` : '');
  const why = new Set(failed.map(({ error }) => error.code));
  return new SoukError('NO_PROVIDER', `No reachable peer could give ${shown}.`, {
    hint: 'The peers that hold them may be back later; everything else was fetched and stays here.',
    details: { missing: failed.slice(0, 200).map(({ wanted: { name, version, cid }, error }) => ({ name, version, cid, why: error.code })), total: failed.length, why: [...why] },
    cause: failed[0]?.error,
  });
}
