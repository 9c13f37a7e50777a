import rateLimit from '@fastify/rate-limit';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SoukError } from '@souk/domain';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Failed authentications that one address may have in a minute. */
const perMinute = 60;
/** Addresses that are counted at a time. */
const maxAddresses = 10_000;

type Limiter = ReturnType<FastifyInstance['createRateLimit']>;

/** Makes the counting of failed authentications possible; before the routes. */
export async function countFailedAttempts(app: NestFastifyApplication): Promise<void> {
  await app.register(rateLimit as never, { global: false, cache: maxAddresses } as never);
}

/**
 * Counts failed authentications by address. Only further failures are answered RATE_LIMITED, so nobody behind the same address who has a
 * right token is locked out.
 */
export class FailedAttempts {
  #limiter: Limiter | undefined;

  /** Counts one. Throws RATE_LIMITED with details `{ retryAfterSeconds }` beyond the limit. */
  async count(request: FastifyRequest): Promise<void> {
    this.#limiter ??= request.server.createRateLimit({ max: perMinute, timeWindow: 60_000 });
    const result = await this.#limiter(request);
    if (result.isAllowed || !result.isExceeded) return;
    throw new SoukError('RATE_LIMITED', 'Too many calls with a wrong token came from this address.', { hint: 'Wait a minute; then log in with a token that counts: souk login.', details: { retryAfterSeconds: Math.ceil(result.ttlInSeconds) } });
  }
}
