import type { ErrorCode } from '@souk/domain';
import type { Socket } from 'node:net';

interface Refusal {
  readonly status: string;
  readonly code: ErrorCode;
  readonly message: string;
}

const refusals: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: { status: '431 Request Header Fields Too Large', code: 'TOO_LARGE', message: 'The headers are too large.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: '408 Request Timeout', code: 'TIMEOUT', message: 'The request took too long to arrive.' },
};

const notHttp: Refusal = { status: '400 Bad Request', code: 'BAD_REQUEST', message: 'This is not an HTTP request.' };

/** Answers what never becomes a request - no HTTP, endless headers, too slow - with an error body, and ends the connection. */
export function refuseConnection(error: Error, socket: Socket): void {
  const reason = 'code' in error ? String(error.code) : '';
  if (reason === 'ECONNRESET' || socket.destroyed) return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { status, code, message } = refusals[reason] ?? notHttp;
  const body = JSON.stringify({ code, message });
  socket.write(`HTTP/1.1 ${status}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`);
  socket.destroySoon();
}
