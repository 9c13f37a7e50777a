import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ServiceParts } from './service-parts.ts';

/** What is shut down, and how long it may take. */
export interface ShutDown {
  readonly app: NestFastifyApplication;
  readonly parts: ServiceParts;
  /** Refuses further HTTP requests and waits for those in work. */
  readonly drainHttp: () => Promise<void>;
  readonly shutdownMs: number;
}

/** Takes no more work, lets what is in work end within the deadline and cuts off the rest, then closes stores and transport. */
export async function shutDown({ app, parts, drainHttp, shutdownMs }: ShutDown): Promise<void> {
  parts.stop();
  const cutOff = setTimeout(() => {
    parts.log.warn('Work was cut off because it did not end in time', { shutdownMs });
    parts.server.abort();
    app.getHttpServer().closeAllConnections();
  }, shutdownMs);
  await Promise.all([parts.server.drain(), drainHttp()]);
  clearTimeout(cutOff);
  try {
    await app.close();
  } finally {
    await parts.release();
  }
  parts.log.info('stopped');
}
