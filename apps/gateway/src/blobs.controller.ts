import type { Readable } from 'node:stream';
import { Controller, Inject, Param, Req, Res } from '@nestjs/common';
import { routes } from '@souk/contracts';
import { SoukError, type Cid } from '@souk/domain';
import { clientSignal } from '@souk/nest';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BlobClient } from './blob-client.ts';
import { gatewaySettings } from './settings.ts';
import type { GatewayConfig } from './config.ts';
import { forwarded, sendBlob } from './send-blob.ts';
import { Serves } from './serves.ts';

/** Blob bytes in and out. */
@Controller()
export class BlobsController {
  constructor(
    private readonly blobs: BlobClient,
    @Inject(gatewaySettings) private readonly config: GatewayConfig,
  ) {}

  @Serves(routes.putBlob)
  async put(@Param({ schema: routes.putBlob.params }) params: { cid: Cid }, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<{ cid: Cid; size: number }> {
    const announced = request.headers['content-length'];
    const size = announced === undefined ? undefined : Number(announced);
    if (size !== undefined && size > this.config.maxBlob) {
      // Unread bytes would be taken for the next request on this connection, and the client would never read the refusal.
      request.raw.resume();
      throw new SoukError('TOO_LARGE', `The upload has ${size} bytes; this site takes ${this.config.maxBlob}.`, { hint: 'Leave files out with .npmignore or "files", or ask the operator to raise SOUK_MAX_BLOB.', details: { limit: this.config.maxBlob } });
    }
    if (!isReadable(request.body)) throw new SoukError('UNSUPPORTED_MEDIA', 'A blob is uploaded as bytes.', { hint: 'Send content-type: application/octet-stream.' });
    const answer = await this.blobs.put(params.cid, request.body, size, clientSignal(reply));
    reply.status(answer.created ? 201 : 200);
    return { cid: params.cid, size: answer.size };
  }

  @Serves(routes.getBlob)
  async get(@Param({ schema: routes.getBlob.params }) params: { cid: Cid }, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await sendBlob(reply, await this.blobs.get(params.cid, forwarded(request), clientSignal(reply)));
  }
}

function isReadable(body: unknown): body is Readable {
  return typeof body === 'object' && body !== null && 'pipe' in body;
}
