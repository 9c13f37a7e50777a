import { writeCar } from '@souk/archive';
import { maxBulk, routes } from '@souk/contracts';
import { fromHex, isSoukError, type ErrorCode, type SmallBlob, type VerifiedRecord } from '@souk/domain';
import type { Context } from '../context.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { isRefusedForGood } from '../publish/author.ts';
import { oneAhead } from './ahead.ts';
import type { Archive, Candidate } from './candidate.ts';
import { candidateBatches, type Batch, type CandidateSource } from './candidates.ts';
import type { Patience } from './patience.ts';
import type { ReleaseToSign, Signers } from './signers.ts';
import { Turns } from '../turns.ts';
import { Unpublished } from './unpublished.ts';

/** What an import works with. */
export interface ImportNeeds extends CandidateSource {
  readonly context: Context;
  readonly gateway: Gateway;
  readonly signers: Signers;
  readonly patience: Patience;
  /** Told after each batch that the site acknowledged, and at the end. */
  readonly onProgress: (done: Done) => void;
}

/** What was done so far. */
export interface Done {
  readonly lines: number;
  readonly position: number;
  /** Packages that this import published, each acknowledged by the site. */
  readonly published: number;
  /** Packages that were published before with the same files. */
  readonly already: number;
  /** Bytes of the archives that were uploaded. */
  readonly uploaded: number;
}

/** A batch whose archives are made and kept. */
interface Packed {
  readonly batch: Batch;
  readonly packed: readonly { readonly candidate: Candidate; readonly archive: Archive }[];
}

/** A batch whose blobs the site holds. */
type Uploaded = Packed;

/** A batch whose records are on their way. */
interface Flight {
  readonly uploaded: Uploaded;
  readonly sent: Promise<void>;
}

/** Refusals that come from somebody else publishing meanwhile: looked up again, the batch goes without what is refused. */
const overtaken: readonly ErrorCode[] = ['VERSION_EXISTS', 'NAME_TAKEN', 'CONTESTED_NAME'];
const maxExcerpt = 2000;

function releaseOf({ name, version, kind, manifest, updated }: Candidate, { report }: Archive, now: number): ReleaseToSign {
  const { cid, integrity, size, unpackedSize, files, tree, chunks, readme } = report;
  const excerpt = readme && { path: readme.path, excerpt: readme.text.slice(0, maxExcerpt).toWellFormed() };
  return { body: { name, version, kind, manifest, cid, integrity, size, unpackedSize, files: files.length, tree: fromHex(tree), chunks: [...chunks], ...(excerpt ? { readme: excerpt } : {}) }, at: updated ?? now };
}

/**
 * Imports a file, batch by batch: each is looked up, packed, uploaded, signed, then appended in one transaction, while the next is signed,
 * the one after that uploaded, and another one made ready: the site shall never wait for this process.
 */
export class FileImport {
  readonly #needs: ImportNeeds;
  readonly #unpublished: Unpublished;
  #flight: Flight | undefined;
  #done: Done = { lines: 0, position: 0, published: 0, already: 0, uploaded: 0 };
  #uploaded = 0;

  constructor(needs: ImportNeeds) {
    this.#needs = needs;
    this.#unpublished = new Unpublished(needs);
  }

  /** Imports everything that is left. Throws CANCELLED, UNAVAILABLE, STORAGE_FULL; what was acknowledged until then stays. */
  async run(): Promise<Done> {
    for await (const uploaded of oneAhead(this.#uploads())) {
      let signed = await this.#sign(uploaded);
      if (!(await this.#landed())) signed = await this.#sign(uploaded);
      this.#flight = this.#launch(uploaded, signed);
    }
    await this.#landed();
    return this.#done;
  }

  #sign({ packed }: Uploaded): Promise<readonly VerifiedRecord[]> {
    const now = this.#needs.context.host.now();
    return this.#needs.signers.sign(packed.map(({ candidate, archive }) => releaseOf(candidate, archive, now)));
  }

  #launch(uploaded: Uploaded, signed: readonly VerifiedRecord[]): Flight {
    const sent = this.#needs.signers.send(signed);
    // Whoever waits for it hears of a failure; one that comes before that must not end the process.
    sent.catch(() => undefined);
    return { uploaded, sent };
  }

  /** Waits for the batch that is on its way. False when it had to be signed anew, which voids what was signed after it. */
  async #landed(): Promise<boolean> {
    if (!this.#flight) return true;
    const { uploaded, sent } = this.#flight;
    this.#flight = undefined;
    try {
      await sent;
    } catch (error) {
      await this.#overtaken(uploaded, error);
      return false;
    }
    const { batch, packed } = uploaded;
    this.#done = { lines: batch.lines, position: batch.position, published: this.#done.published + packed.length, already: this.#unpublished.already, uploaded: this.#uploaded };
    this.#needs.onProgress(this.#done);
    return true;
  }

  /** Publishes a batch without what somebody else published meanwhile. Throws any other error, and this one when nothing can be left out. */
  async #overtaken({ batch, packed }: Uploaded, error: unknown): Promise<void> {
    if (isRefusedForGood(error)) await this.#needs.signers.takeBack();
    if (!isSoukError(error) || !overtaken.includes(error.code)) throw error;
    const candidates = packed.map(({ candidate }) => candidate);
    this.#unpublished.forget(candidates);
    const again = await this.#upload(await this.#pack(batch, candidates));
    if (again.packed.length === packed.length) throw error;
    this.#flight = this.#launch(again, await this.#sign(again));
    await this.#landed();
  }

  async *#uploads(): AsyncGenerator<Uploaded, void, undefined> {
    for await (const packed of oneAhead(this.#packings())) yield this.#upload(packed);
  }

  async *#packings(): AsyncGenerator<Packed, void, undefined> {
    for await (const batch of oneAhead(candidateBatches(this.#needs))) yield this.#pack(batch, batch.candidates);
  }

  async #pack(batch: Batch, candidates: readonly Candidate[]): Promise<Packed> {
    const packed = [];
    const turns = new Turns();
    for (const candidate of await this.#unpublished.of(candidates)) {
      await turns.next();
      packed.push({ candidate, archive: await candidate.pack() });
    }
    await this.#needs.signers.keep(packed.map(({ archive }) => archive));
    return { batch, packed };
  }

  async #upload({ batch, packed }: Packed): Promise<Uploaded> {
    const { gateway, patience } = this.#needs;
    for (const blobs of carsOf(packed.map(({ archive }) => archive))) {
      const car = writeCar(blobs);
      await patience(() => gateway.upload(routes.postBlobs, {}, { size: car.length, bytes: inOnePiece(car) }));
    }
    for (const { archive } of packed) {
      const { cid, size } = archive.report;
      if (!archive.bytes) await patience(() => gateway.upload(routes.putBlob, { params: { cid } }, { size, bytes: archive.read() }));
      this.#uploaded += size;
    }
    return { batch, packed };
  }
}

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Archives in memory as groups of blobs that each fit into one upload. */
function carsOf(archives: readonly Archive[]): SmallBlob[][] {
  const cars: SmallBlob[][] = [];
  let size = 0;
  for (const { bytes, report } of archives) {
    if (!bytes) continue;
    const last = cars.at(-1);
    const more = bytes.length + 64;
    if (last && last.length < maxBulk.blobs && size + more <= maxBulk.bytes - 1024) {
      last.push({ cid: report.cid, bytes });
      size += more;
    } else {
      cars.push([{ cid: report.cid, bytes }]);
      size = more;
    }
  }
  return cars;
}
