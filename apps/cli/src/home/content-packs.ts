import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readCar, writeCar } from '@souk/archive';
import { maxBulk } from '@souk/contracts';
import { isSoukError, type Cid, type SmallBlob } from '@souk/domain';
import { makeFolder, writeDurably } from '@souk/store';
import { ifPresent } from './on-disk.ts';

const ending = '.car';
const limits = { maxBlobs: maxBulk.blobs, maxBlobBytes: maxBulk.blobBytes };

interface Place {
  readonly file: string;
  readonly size: number;
}

/** Small blobs that were kept together, each group in one CAR: a file for every package of an import would cost more than making the package. */
export class ContentPacks {
  readonly #folder: string;
  /** Where each blob is; read from the files when somebody asks first. */
  #places: Promise<Map<Cid, Place>> | undefined;
  /** The pack that was read last: whoever sends an import on reads one after the other. */
  #last: { readonly file: string; readonly blobs: ReadonlyMap<Cid, Uint8Array> } | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Keeps blobs of at most `maxBulk.blobBytes` whose hashes were checked; on disk when it returns. */
  async keep(blobs: readonly SmallBlob[]): Promise<void> {
    await makeFolder(this.#folder);
    for (let from = 0; from < blobs.length; from += maxBulk.blobs) {
      const group = blobs.slice(from, from + maxBulk.blobs);
      const file = randomBytes(12).toString('hex') + ending;
      await writeDurably(join(this.#folder, file), writeCar(group), 'exclusive');
      const places = await this.#places;
      for (const { cid, bytes } of group) places?.set(cid, { file, size: bytes.length });
    }
  }

  /** Bytes of a blob that is here. */
  async size(cid: Cid): Promise<number | undefined> {
    return (await this.#open()).get(cid)?.size;
  }

  /** A blob's bytes, undefined when it is not here. */
  async read(cid: Cid): Promise<Uint8Array | undefined> {
    const place = (await this.#open()).get(cid);
    if (!place) return undefined;
    if (this.#last?.file !== place.file) this.#last = { file: place.file, blobs: new Map((await this.#blobsIn(place.file)).map((one) => [one.cid, one.bytes])) };
    return this.#last.blobs.get(cid);
  }

  /** Forgets a blob; what was kept together with it stays. */
  async delete(cid: Cid): Promise<void> {
    const place = (await this.#open()).get(cid);
    if (!place) return;
    const others = (await this.#blobsIn(place.file)).filter((one) => one.cid !== cid);
    if (others.length > 0) await this.keep(others);
    await rm(join(this.#folder, place.file), { force: true });
    this.#places = this.#last = undefined;
  }

  #open(): Promise<Map<Cid, Place>> {
    this.#places ??= this.#readAll();
    return this.#places;
  }

  async #readAll(): Promise<Map<Cid, Place>> {
    const places = new Map<Cid, Place>();
    const files = (await ifPresent(() => readdir(this.#folder))) ?? [];
    for (const file of files.filter((one) => one.endsWith(ending))) {
      for (const { cid, bytes } of await this.#blobsIn(file)) places.set(cid, { file, size: bytes.length });
    }
    return places;
  }

  /** What a pack holds; nothing when it is gone or damaged: then these blobs are not here. */
  async #blobsIn(file: string): Promise<readonly SmallBlob[]> {
    try {
      const car = await ifPresent(() => readFile(join(this.#folder, file)));
      return car ? await readCar(car, limits) : [];
    } catch (error) {
      if (isSoukError(error)) return [];
      throw error;
    }
  }
}
