import { Readable } from 'node:stream';
import { Controller, Get, Head, Param, Post, Put, Req, Res, UseGuards } from '@nestjs/common';
import { carType, maxBulk, type BulkAnswer } from '@souk/contracts';
import { blobNotFound, parseCid, SoukError, type BlobStore, type Cid } from '@souk/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PeerRuntime } from '../peer-runtime.ts';
import { onDiskOnly } from '../replication/sibling-blobs.ts';
import { ArchiveReports } from './archive-reports.ts';
import { takenDown } from '../append/site-rules.ts';
import { byteRange } from './byte-range.ts';
import { collectBody } from './collect-body.ts';
import { receiveBlob } from './receive-blob.ts';
import { SiteSecretGuard } from './site-secret.ts';

/** Longest wait until other peers of the site have an uploaded blob, in milliseconds. */
const placeMs = 240_000;
/** Most uploads of many blobs at a time. */
const maxReceiving = 4;

/** Blob bytes inside the site: the one thing that does not travel as messages. */
@Controller('blobs')
@UseGuards(SiteSecretGuard)
export class BlobController {
  readonly #blobs: BlobStore;
  readonly #maxBytes: number;
  /** Uploads of many blobs that are being received: each is in memory as a whole. */
  #receiving = 0;

  constructor(
    private readonly peer: PeerRuntime,
    private readonly reports: ArchiveReports,
  ) {
    this.#blobs = peer.data.blobs;
    this.#maxBytes = peer.maxBlob;
  }

  /** Keeps a blob: 201 when it is on disk, 200 when it was held already. */
  @Put(':cid')
  async put(@Param('cid') text: string, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<{ cid: Cid; size: number }> {
    const cid = parseCid(text);
    this.#requireNotTakenDown(cid);
    const held = await this.#blobs.size(cid);
    if (held !== undefined) {
      await this.peer.retention.sentAgain(cid, held);
      await this.peer.site.role.placed([cid], AbortSignal.timeout(placeMs));
      return { cid, size: held };
    }
    if (!(request.body instanceof Readable)) throw new SoukError('UNSUPPORTED_MEDIA', 'A blob is sent as application/octet-stream.');
    const announced = request.headers['content-length'];
    const receiver = { blobs: this.#blobs, room: this.peer.retention.room, reports: this.reports, maxBytes: this.#maxBytes };
    try {
      // Fastify's request.signal aborts when the body has been read; the body itself fails when the client goes away.
      const { size } = await receiveBlob(cid, request.body, receiver, announced === undefined ? undefined : Number(announced));
      await this.peer.site.role.placed([cid], AbortSignal.timeout(placeMs));
      reply.code(201);
      return { cid, size };
    } finally {
      // What was refused half-way must still be read and dropped, or the next request on this connection waits for ever.
      request.body.resume();
    }
  }

  /** Keeps many small blobs, a CAR: 201 when they are on disk, 200 when all were held already. */
  @Post()
  async post(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<BulkAnswer> {
    const { body } = request;
    if (!(body instanceof Readable) || request.headers['content-type'] !== carType) throw new SoukError('UNSUPPORTED_MEDIA', `Blobs are sent together as ${carType}.`);
    if (this.#receiving >= maxReceiving) throw new SoukError('RATE_LIMITED', 'Many uploads are being received already.', { hint: 'Try again in a moment.' });
    this.#receiving += 1;
    try {
      const announced = request.headers['content-length'];
      const car = await collectBody(body, maxBulk.bytes, announced === undefined ? undefined : Number(announced));
      await this.peer.retention.room.require(car.length);
      const { answer, whole, kept, room } = await this.peer.bulk.keepBlobs(car);
      for (const cid of whole) this.peer.care.healer.replaced(cid);
      await this.peer.retention.kept(room);
      await this.peer.site.role.placed(kept, AbortSignal.timeout(placeMs));
      reply.code(answer.added > 0 ? 201 : 200);
      return answer;
    } finally {
      this.#receiving -= 1;
      body.resume();
    }
  }

  /** What a GET would answer, without the bytes. */
  @Head(':cid')
  async head(@Param('cid') text: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { cid, size } = await this.#held(text, request);
    await reply.headers({ ...headersOf(cid), 'content-length': String(size) }).send();
  }

  /** A blob that is held here or at another peer of the site, or one range of it, as fast as the client reads. */
  @Get(':cid')
  async get(@Param('cid') text: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    this.#requireNotTakenDown(parseCid(text));
    await this.peer.care.blobs.ensure(parseCid(text));
    const { cid, size } = await this.#held(text, request);
    void reply.headers(headersOf(cid));
    if (request.headers['if-none-match']?.includes(etagOf(cid))) return void (await reply.code(304).send());
    const ifRange = request.headers['if-range'];
    const range = byteRange(ifRange === undefined || ifRange === etagOf(cid) ? request.headers.range : undefined, size);
    if (range === 'unsatisfiable') {
      void reply.header('content-range', `bytes */${size}`);
      throw new SoukError('RANGE_NOT_SATISFIABLE', `The blob has ${size} bytes.`, { hint: 'Ask for a range inside the blob.', details: { size } });
    }
    const { offset, length } = range === 'all' ? { offset: 0, length: size } : range;
    if (range !== 'all') void reply.code(206).header('content-range', `bytes ${offset}-${offset + length - 1}/${size}`);
    await reply.header('content-length', String(length)).send(Readable.from(await this.#blobs.read(cid, { offset, length }), { objectMode: false }));
  }

  #requireNotTakenDown(cid: Cid): void {
    const takedown = this.peer.siteLog.state.takedowns.ofBlob(cid);
    if (takedown) throw takenDown(`The blob ${cid}`, takedown);
  }

  async #held(text: string, { headers }: FastifyRequest): Promise<{ cid: Cid; size: number }> {
    const cid = parseCid(text);
    const isHere = (await this.#blobs.size(cid)) !== undefined;
    if (!isHere && headers[onDiskOnly] === undefined) await this.peer.site.siblings.bring(cid);
    const size = await this.#blobs.size(cid);
    if (size === undefined) throw blobNotFound(cid);
    return { cid, size };
  }
}

const etagOf = (cid: Cid): string => `"${cid}"`;

function headersOf(cid: Cid): Record<string, string> {
  return { 'content-type': 'application/octet-stream', 'accept-ranges': 'bytes', etag: etagOf(cid), 'cache-control': 'public, max-age=31536000, immutable' };
}
