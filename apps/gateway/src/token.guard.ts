import { timingSafeEqual, createHash } from 'node:crypto';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { SoukError } from '@souk/domain';
import type { FastifyRequest } from 'fastify';

/** What anyone may ask: whether the site lives, and what its API is. */
const open = new Set(['/healthz', '/readyz', '/openapi.json']);

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The site's token. Without one configured, the gateway listens on loopback only and lets everyone in. */
export class SiteToken {
  readonly #expected: Buffer | undefined;

  constructor(token: string | undefined) {
    this.#expected = token === undefined ? undefined : digest(token);
  }

  /** UNAUTHORIZED unless the authorization header carries the token. Compared in constant time. */
  refusal(authorization: string | undefined): SoukError | undefined {
    if (this.#expected === undefined) return undefined;
    const given = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
    if (given !== undefined && timingSafeEqual(digest(given), this.#expected)) return undefined;
    return new SoukError('UNAUTHORIZED', given === undefined ? 'This site asks for a token.' : 'The token is not the one of this site.', { hint: 'Set SOUK_TOKEN or use --token; the operator of the site has it.' });
  }
}

/** Lets calls in that carry the site's token. */
@Injectable()
export class TokenGuard implements CanActivate {
  constructor(private readonly token: SiteToken) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const refusal = open.has(request.routeOptions.url ?? '') ? undefined : this.token.refusal(request.headers.authorization);
    if (refusal) throw refusal;
    return true;
  }
}
