import type { Server } from 'node:http';
import { networkInterfaces } from 'node:os';
import type { HttpAdapterHost } from '@nestjs/core';
import { SoukError } from '@souk/domain';

type Interfaces = ReturnType<typeof networkInterfaces>;

/**
 * Where this service answers HTTP, as another service of the site reaches it: at the address it listens on; where that is every address, at the
 * first that leads here from outside, as services in containers need it. Throws UNAVAILABLE while it does not listen.
 */
export function ownUrl(host: HttpAdapterHost, interfaces: () => Interfaces = networkInterfaces): string {
  const address = (host.httpAdapter.getHttpServer() as Server).address();
  if (address === null || typeof address === 'string') throw new SoukError('UNAVAILABLE', 'The peer does not listen yet.', { hint: 'Try again in a moment.' });
  const name = address.address === '0.0.0.0' || address.address === '::' ? outerAddress(interfaces(), address.address === '::') : address.address;
  return `http://${name.includes(':') ? `[${name}]` : name}:${address.port}`;
}

function outerAddress(interfaces: Interfaces, isBoth: boolean): string {
  const outer = Object.values(interfaces).flatMap((addresses) => addresses ?? []).filter(({ internal }) => !internal);
  const four = outer.find(({ family }) => family === 'IPv4');
  // An address of one link means nothing without the name of the interface.
  const six = isBoth ? outer.find(({ family, address }) => family === 'IPv6' && !/^fe[89ab]/i.test(address)) : undefined;
  return (four ?? six)?.address ?? '127.0.0.1';
}
