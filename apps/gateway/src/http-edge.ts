import { carType } from '@souk/contracts';
import type { HttpOptions } from '@souk/nest';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { GatewayConfig } from './config.ts';
import { OperatorToken } from './access/access.ts';
import { countFailedAttempts } from './access/failed-attempts.ts';

/** Types under which blob bytes may be uploaded; they reach the handler as a stream. */
const blobTypes = ['application/octet-stream', 'application/gzip', 'application/x-gzip', carType];

/** Longest upload, in milliseconds: the largest blob at under 1 MB/s. Headers still have 10 s. */
const uploadMs = 300_000;

async function configure(app: NestFastifyApplication): Promise<void> {
  await countFailedAttempts(app);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addContentTypeParser(blobTypes, (_request, payload, done) => done(null, payload));
  let document: string | undefined;
  // Loaded when somebody asks: most gateways are never asked.
  fastify.get('/openapi.json', async (_request, reply) => reply.type('application/json').send((document ??= JSON.stringify((await import('./api-document.ts')).apiDocument()))));
}

/** How the gateway listens: what `bootstrap` needs beside the module. */
export function gatewayHttp(config: GatewayConfig): HttpOptions {
  const operator = new OperatorToken(config.token);
  return { host: config.httpHost, port: config.httpPort, requestTimeoutMs: uploadMs, configure, metricsGuard: (authorization) => operator.refusal(authorization) };
}
