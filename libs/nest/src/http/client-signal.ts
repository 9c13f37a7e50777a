import type { FastifyReply } from 'fastify';

/**
 * Aborts when the client goes away before its answer is complete. Fastify's own `request.signal` aborts as soon as a request's
 * body has been read, which for an upload is before the work begins.
 */
export function clientSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
