import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { SoukError } from '@souk/domain';
import type { FastifyRequest } from 'fastify';

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

/** What the services of a site show to each other where bytes travel over HTTP. */
export class SiteSecret {
  readonly #hash: Buffer;

  constructor(secret: string) {
    this.#hash = hash(secret);
  }

  /** Whether an `Authorization` header carries it; takes as long for a near miss as for any other. */
  matches(authorization: string | undefined): boolean {
    const [, given] = /^Bearer ([^\s]+)$/i.exec(authorization ?? '') ?? [];
    return given !== undefined && timingSafeEqual(hash(given), this.#hash);
  }
}

/** Lets only the services of this site pass. */
@Injectable()
export class SiteSecretGuard implements CanActivate {
  constructor(private readonly secret: SiteSecret) {}

  canActivate(context: ExecutionContext): boolean {
    if (this.secret.matches(context.switchToHttp().getRequest<FastifyRequest>().headers.authorization)) return true;
    throw new SoukError('UNAUTHORIZED', 'Blob bytes are for the services of this site.', { hint: 'Ask the gateway: GET /v1/blobs/{cid}.' });
  }
}
