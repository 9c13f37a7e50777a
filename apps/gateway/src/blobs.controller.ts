import type { Readable } from 'node:stream';
import { Controller, Inject, Param, Req, Res } from '@nestjs/common';
import { maxBulk, routes, type BulkAnswer } from '@souk/contracts';
import { SoukError, type Cid } from '@souk/domain';
import { clientSignal } from '@souk/nest';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BlobClient } from './blob-client.ts';
import { gatewaySettings } from './settings.ts';
import type { GatewayConfig } from './config.ts';
import { forwarded, sendBlob } from './send-blob.ts';
import { Serves } from './serves.ts';

/** Longest upload of many blobs, in milliseconds: its 16 MiB wait in memory at the peer. */
const bulkMs = 60_000;

/** Blob bytes in and out. */
@Controller()
export class BlobsController {
  constructor(
    private readonly blobs: BlobClient,
    @Inject(gatewaySettings) private readonly config: GatewayConfig,
  ) {}

  @Serves(routes.putBlob)
  async put(@Param({ schema: routes.putBlob.params }) params: { cid: Cid }, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<{ cid: Cid; size: number }> {
    const size = announcedSize(request, this.config.maxBlob, 'Leave files out with .npmignore or "files", or ask the operator to raise SOUK_MAX_BLOB.');
    if (!isReadable(request.body)) throw new SoukError('UNSUPPORTED_MEDIA', 'A blob is uploaded as bytes.', { hint: 'Send content-type: application/octet-stream.' });
    const answer = await this.blobs.put(params.cid, request.body, size, clientSignal(reply));
    reply.status(answer.created ? 201 : 200);
    return { cid: params.cid, size: answer.size };
  }

  @Serves(routes.postBlobs)
  async post(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<BulkAnswer> {
    const size = announcedSize(request, maxBulk.bytes, 'Send fewer blobs at once; upload a large one by itself, with PUT.');
    if (!isReadable(request.body)) throw new SoukError('UNSUPPORTED_MEDIA', 'Blobs are uploaded together as a CAR.', { hint: 'Send content-type: application/vnd.ipld.car.' });
    const answer = await this.blobs.putMany(request.body, size, AbortSignal.any([clientSignal(reply), AbortSignal.timeout(bulkMs)]));
    reply.status(answer.added > 0 ? 201 : 200);
    return answer;
  }

  @Serves(routes.getBlob)
  async get(@Param({ schema: routes.getBlob.params }) params: { cid: Cid }, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await sendBlob(reply, await this.blobs.getKnown(params.cid, forwarded(request), clientSignal(reply)));
  }
}

/** The size that the client says, if it does. Throws TOO_LARGE with details `{ limit }` when it is beyond the limit. */
function announcedSize(request: FastifyRequest, limit: number, hint: string): number | undefined {
  const announced = request.headers['content-length'];
  if (announced === undefined || Number(announced) <= limit) return announced === undefined ? undefined : Number(announced);
  // Unread bytes would be taken for the next request on this connection, and the client would never read the refusal.
  request.raw.resume();
  throw new SoukError('TOO_LARGE', `The upload has ${announced} bytes; this site takes ${limit}.`, { hint, details: { limit } });
}

function isReadable(body: unknown): body is Readable {
  return typeof body === 'object' && body !== null && 'pipe' in body;
}
