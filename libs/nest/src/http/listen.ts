import { SoukError } from '@souk/domain';
import type { FastifyInstance } from 'fastify';

/** Binds a server. Throws PORT_IN_USE, or BAD_CONFIG for an address that this machine does not have or may not use. Returns its URL. */
export async function listen(fastify: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    await fastify.listen({ host, port });
  } catch (error) {
    throw bindError(error, host, port);
  }
  const address = fastify.server.address();
  return `http://${reachable(host)}:${typeof address === 'object' && address ? address.port : port}`;
}

function bindError(error: unknown, host: string, port: number): unknown {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return new SoukError('PORT_IN_USE', `Port ${port} of ${host} is in use.`, {
      hint: 'Stop the other program, or choose another port; 0 takes any free one.',
      details: { host, port },
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new SoukError('BAD_CONFIG', `This machine cannot listen on ${host}:${port} (${String(code)}).`, {
      hint: 'Choose an address of this machine and a port from 1024 on.',
      details: { host, port },
      cause: error,
    });
  }
  return error;
}

/** A host that a client on this machine can use for an address to bind. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
