import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { carType, fetchBlobs, readBlobVersions, readSelf, type BulkAnswer } from '@souk/contracts';
import { abortError, fromErrorBody, isSoukError, SoukError, type Cid } from '@souk/domain';
import { traceHeaders, type PeerReads, type Rpc } from '@souk/nest';

/** A blob's bytes on their way to a client. */
export interface BlobAnswer {
  /** 200, 206 or 304. */
  readonly status: number;
  /** Headers worth passing on. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Readable;
}

interface BlobRequest {
  readonly method?: 'PUT' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: ReadableStream;
  readonly duplex?: 'half';
  readonly signal: AbortSignal;
}

const passed = ['content-length', 'content-range', 'accept-ranges', 'etag'];

/** Writes blob bytes to the primary of the site's peers over HTTP, and reads them from one that answers; nothing is ever held whole. */
export class BlobClient {
  readonly #rpc: Rpc;
  readonly #peers: PeerReads;
  readonly #secret: string;
  /** Where each peer answers. */
  readonly #bases = new Map<number, string>();

  constructor(rpc: Rpc, peers: PeerReads, secret: string) {
    this.#rpc = rpc;
    this.#peers = peers;
    this.#secret = secret;
  }

  /** Streams an upload to the peer. Returns whether the blob was new. Throws what the peer refuses it for. */
  async put(cid: Cid, bytes: Readable, size: number | undefined, signal: AbortSignal): Promise<{ created: boolean; size: number }> {
    const headers = { 'content-type': 'application/octet-stream', ...(size === undefined ? {} : { 'content-length': String(size) }) };
    const response = await this.#ask(`blobs/${cid}`, { method: 'PUT', headers, body: Readable.toWeb(bytes), duplex: 'half', signal });
    const answer = (await response.json()) as { size: number };
    return { created: response.status === 201, size: answer.size };
  }

  /** Streams an upload of many blobs to the peer. Throws what the peer refuses it for. */
  async putMany(car: Readable, size: number | undefined, signal: AbortSignal): Promise<BulkAnswer> {
    const headers = { 'content-type': carType, ...(size === undefined ? {} : { 'content-length': String(size) }) };
    const response = await this.#ask('blobs', { method: 'POST', headers, body: Readable.toWeb(car), duplex: 'half', signal });
    return (await response.json()) as BulkAnswer;
  }

  /** Opens a blob that the peers hold. `headers` may carry range and if-none-match. Throws BLOB_NOT_FOUND, RANGE_NOT_SATISFIABLE. */
  async get(cid: Cid, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<BlobAnswer> {
    const response = await this.#peers.fromAny((ordinal, own) => this.#ask(`blobs/${cid}`, { headers, signal: own }, ordinal), { signal });
    const kept = passed.flatMap((name) => (response.headers.has(name) ? [[name, response.headers.get(name) as string]] : []));
    const bytes = response.body ? Readable.fromWeb(response.body as ReadableStream) : Readable.from([]);
    return { status: response.status, headers: Object.fromEntries(kept), bytes };
  }

  /** Has the peer hold the blob of a version, wherever it comes from, then opens it. Throws NO_PROVIDER. */
  async getRelease(release: { cid: Cid; name: string; version: string }, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<BlobAnswer> {
    for await (const progress of this.#peers.stream(fetchBlobs, { blobs: [release as never] }, { signal })) if (progress.done) break;
    return this.get(release.cid, headers, signal);
  }

  /**
   * Opens a blob that the peer holds, or has it fetch one that a known release names; nobody can make a site fetch anything else.
   * Throws BLOB_NOT_FOUND, NO_PROVIDER, RANGE_NOT_SATISFIABLE.
   */
  async getKnown(cid: Cid, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<BlobAnswer> {
    try {
      return await this.get(cid, headers, signal);
    } catch (error) {
      if (!isSoukError(error) || error.code !== 'BLOB_NOT_FOUND') throw error;
      const { versions } = await this.#peers.call(readBlobVersions, { cid }, { signal });
      let failure: unknown = error;
      for (const version of versions) {
        try {
          return await this.getRelease({ cid, ...version }, headers, signal);
        } catch (refused) {
          if (!isSoukError(refused) || refused.code !== 'NO_PROVIDER') throw refused;
          failure = refused;
        }
      }
      throw failure;
    }
  }

  /** Opens a backup of the peer, made while it is read. Throws UNAVAILABLE while another one is made, STORAGE_FULL. */
  async backup(cached: 'yes' | 'no', signal: AbortSignal): Promise<Readable> {
    const response = await this.#ask(`backup?cached=${cached}`, { headers: {}, signal });
    return response.body ? Readable.fromWeb(response.body as ReadableStream) : Readable.from([]);
  }

  async #ask(path: string, init: BlobRequest, ordinal = 0): Promise<Response> {
    // An upload can't be begun again, so it never goes to where the peer was a while ago.
    const known = init.method === undefined ? this.#bases.get(ordinal) : undefined;
    const base = known ?? (await this.#rpc.call(readSelf, {}, { signal: init.signal, ordinal })).blobs.url;
    this.#bases.set(ordinal, base);
    let response: Response;
    try {
      response = await fetch(`${base}/${path}`, { ...init, headers: { ...init.headers, ...traceHeaders(), authorization: `Bearer ${this.#secret}` } } as RequestInit);
    } catch (cause) {
      // The peer may be back on another port.
      this.#bases.delete(ordinal);
      if (init.signal.aborted) throw abortError(init.signal, 'The transfer');
      throw new SoukError('UNAVAILABLE', 'The peer does not answer.', { hint: 'Try again in a moment.', cause });
    }
    if (response.status >= 400) throw fromErrorBody(await response.json().catch(() => undefined), 'UNAVAILABLE');
    return response;
  }
}
