import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Caller } from '@souk/contracts';
import { isSoukError } from '@souk/domain';
import type { FastifyRequest } from 'fastify';
import { servedRoute } from '../serves.ts';
import { requireScope, type Access } from './access.ts';
import { FailedAttempts } from './failed-attempts.ts';

const callers = new WeakMap<FastifyRequest, Caller>();

/** Who sent a request that the guard let in. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (!caller) throw new Error('the guard has not seen this request');
  return caller;
}

/** Lets a call in when its caller may do what its route needs. A handler without a route of the contracts is for administrators only. */
@Injectable()
export class AccessGuard implements CanActivate {
  readonly #access: Access;
  readonly #failed = new FailedAttempts();
  readonly #reflector = new Reflector();

  constructor(access: Access) {
    this.#access = access;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const scope = this.#reflector.get(servedRoute, context.getHandler())?.scope ?? 'admin';
    if (scope === 'none') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const caller = await this.#callerOf(request);
    requireScope(caller, scope);
    callers.set(request, caller);
    return true;
  }

  async #callerOf(request: FastifyRequest): Promise<Caller> {
    try {
      return await this.#access.callerOf(request.headers.authorization);
    } catch (error) {
      if (isSoukError(error) && error.code === 'UNAUTHORIZED') await this.#failed.count(request);
      throw error;
    }
  }
}
