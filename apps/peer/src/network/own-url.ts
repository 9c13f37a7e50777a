import type { Server } from 'node:http';
import type { HttpAdapterHost } from '@nestjs/core';
import { SoukError } from '@souk/domain';

/** Where this service answers HTTP, as another service of the site reaches it. Throws UNAVAILABLE while it does not listen. */
export function ownUrl(host: HttpAdapterHost): string {
  const address = (host.httpAdapter.getHttpServer() as Server).address();
  if (address === null || typeof address === 'string') throw new SoukError('UNAVAILABLE', 'The peer does not listen yet.', { hint: 'Try again in a moment.' });
  const name = address.address === '0.0.0.0' || address.address === '::' ? '127.0.0.1' : address.address;
  return `http://${name.includes(':') ? `[${name}]` : name}:${address.port}`;
}
