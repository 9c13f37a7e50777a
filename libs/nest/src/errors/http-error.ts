import { isSoukError, SoukError, type ErrorCode } from '@souk/domain';

const codeByStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  408: 'TIMEOUT',
  413: 'TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA',
  416: 'RANGE_NOT_SATISFIABLE',
  429: 'RATE_LIMITED',
  431: 'TOO_LARGE',
  503: 'UNAVAILABLE',
  504: 'TIMEOUT',
};

const codeByFastifyCode: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'BAD_JSON',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'BAD_JSON',
};

const hintByCode: Partial<Record<ErrorCode, string>> = {
  BAD_JSON: 'Send one JSON value, without duplicate or prototype keys.',
  UNSUPPORTED_MEDIA: 'Send application/json, or the type that the route documents.',
  TOO_LARGE: 'Send less.',
};

/**
 * The SoukError that an error of Nest, of Fastify or of a Fastify plugin stands for; undefined when it is none of these,
 * or their 500: then it is a bug.
 */
export function fromHttpError(error: unknown): SoukError | undefined {
  if (isSoukError(error)) return error;
  if (!(error instanceof Error)) return undefined;
  const status = statusOf(error);
  if (status === undefined) return undefined;
  const code = codeByFastifyCode[String((error as { code?: unknown }).code)] ?? codeByStatus[status] ?? (status < 500 ? 'BAD_REQUEST' : undefined);
  if (code === undefined) return undefined;
  return new SoukError(code, sentence(error.message), { hint: hintByCode[code], cause: error });
}

/** Status of a Nest HttpException or of a Fastify error; undefined for what says nothing of HTTP. */
function statusOf(error: Error): number | undefined {
  const { statusCode, getStatus } = error as { statusCode?: unknown; getStatus?: () => unknown };
  const status = typeof getStatus === 'function' ? getStatus.call(error) : statusCode;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : undefined;
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
