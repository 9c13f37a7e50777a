import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { SoukError } from '@souk/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { throwError, type Observable } from 'rxjs';
import type { AllowedMethods } from '../http/allowed-methods.ts';
import { traceOf } from '../http/request-trace.ts';
import type { Log } from '../log/log.ts';
import type { CounterMetric, Metrics } from '../metrics/metrics.ts';
import type { CalledSubject } from '../rpc/decorators.ts';
import { withinTrace } from '../trace/trace.ts';
import { fromHttpError } from './http-error.ts';
import { boundedErrorBody, reportError } from './report-error.ts';

/** The one place where errors leave a handler, over HTTP and over rpc: the same code, message, hint and trace id on both. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  readonly #log: Log;
  readonly #allowedMethods: AllowedMethods;
  readonly #count: CounterMetric<'souk_http_errors_total'>;

  constructor(log: Log, allowedMethods: AllowedMethods, metrics: Metrics) {
    this.#log = log;
    this.#allowedMethods = allowedMethods;
    this.#count = metrics.counter('souk_http_errors_total');
  }

  catch(thrown: unknown, host: ArgumentsHost): Observable<never> | void {
    if (host.getType() === 'rpc') {
      const { subject } = host.switchToRpc().getContext<CalledSubject>();
      const error = reportError(fromHttpError(thrown) ?? thrown, this.#log, subject);
      return throwError(() => error);
    }
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    withinTrace(traceOf(request), () => this.#answer(thrown, request, http.getResponse<FastifyReply>()));
  }

  #answer(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const known = request.is404 ? this.#unrouted(request, reply) : fromHttpError(thrown);
    const error = reportError(known ?? thrown, this.#log, `${request.method} ${request.routeOptions.url ?? 'of an unknown path'}`);
    this.#count.add({ route: request.routeOptions.url ?? 'none', code: error.code });
    if (reply.sent || reply.raw.headersSent) {
      // Nobody may take an answer that broke off for a whole one.
      reply.raw.destroy();
      return;
    }
    void reply.code(error.entry.http).type('application/json; charset=utf-8').send(JSON.stringify(boundedErrorBody(error)));
  }

  /** NOT_FOUND for an unknown path, METHOD_NOT_ALLOWED with `Allow` for a known one. */
  #unrouted(request: FastifyRequest, reply: FastifyReply): SoukError {
    const path = request.url.split('?')[0] ?? '/';
    const methods = this.#allowedMethods(path);
    if (methods.length === 0) return new SoukError('NOT_FOUND', `There is nothing at ${path.slice(0, 200)}.`);
    void reply.header('allow', methods.join(', '));
    return new SoukError('METHOD_NOT_ALLOWED', `${path.slice(0, 200)} does not answer ${request.method}.`, { hint: `Use ${methods.join(' or ')}.` });
  }
}
