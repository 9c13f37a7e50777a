import { carType } from '@souk/contracts';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
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
  const about = new DocumentBuilder().setTitle('Souk').setDescription('A marketplace for code templates and packages without a central registry.').setVersion('1').addBearerAuth().build();
  SwaggerModule.setup('openapi', app, () => SwaggerModule.createDocument(app, about), { ui: false, raw: ['json'], jsonDocumentUrl: 'openapi.json' });
}

/** How the gateway listens: what `bootstrap` needs beside the module. */
export function gatewayHttp(config: GatewayConfig): HttpOptions {
  const operator = new OperatorToken(config.token);
  return { host: config.httpHost, port: config.httpPort, requestTimeoutMs: uploadMs, configure, metricsGuard: (authorization) => operator.refusal(authorization) };
}
