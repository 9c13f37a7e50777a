import type { FastifyReply, FastifyRequest } from 'fastify';
import type { BlobAnswer } from './blob-client.ts';

/** The request headers that decide which bytes of a blob are sent. */
export function forwarded(request: FastifyRequest): Record<string, string> {
  const { range } = request.headers;
  const match = request.headers['if-none-match'];
  return { ...(range ? { range } : {}), ...(match ? { 'if-none-match': match } : {}) };
}

/** Streams a blob to the client. A cid names its bytes for ever, so caches may keep them. */
export async function sendBlob(reply: FastifyReply, answer: BlobAnswer, filename?: string): Promise<void> {
  reply.status(answer.status).headers({
    ...answer.headers,
    'content-type': 'application/octet-stream',
    'cache-control': 'private, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
    ...(filename === undefined ? {} : { 'content-disposition': `attachment; filename="${filename}"` }),
  });
  await reply.send(answer.bytes);
}
