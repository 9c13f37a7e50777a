import { timingSafeEqual, createHash } from 'node:crypto';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { SoukError } from '@souk/domain';
import type { FastifyRequest } from 'fastify';

/** What anyone may ask: whether the site lives, and what its API is. */
const open = new Set(['/healthz', '/readyz', '/openapi.json']);

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Lets calls in that carry the site's token; without a token configured the gateway listens on loopback only. Compared in constant time. */
@Injectable()
export class TokenGuard implements CanActivate {
  readonly #expected: Buffer | undefined;

  constructor(token: string | undefined) {
    this.#expected = token === undefined ? undefined : digest(token);
  }

  canActivate(context: ExecutionContext): boolean {
    if (this.#expected === undefined || context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (open.has(request.routeOptions.url ?? '')) return true;
    const given = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (given !== undefined && timingSafeEqual(digest(given), this.#expected)) return true;
    throw new SoukError('UNAUTHORIZED', given === undefined ? 'This site asks for a token.' : 'The token is not the one of this site.', { hint: 'Set SOUK_TOKEN or use --token; the operator of the site has it.' });
  }
}
