import { isIP } from 'node:net';
import { SoukError } from '@souk/domain';
import type { GatewayConfig } from './config.ts';

/** Whether an address can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  return isIP(host) === 4 ? host.startsWith('127.') : host === '::1';
}

/** Throws BAD_CONFIG when the API would be open to a network without a token. */
export function requireSafeExposure(config: Pick<GatewayConfig, 'httpHost' | 'token'>): void {
  if (config.token !== undefined || isLoopback(config.httpHost)) return;
  throw new SoukError('BAD_CONFIG', `The gateway would listen on ${config.httpHost} and let anyone in who reaches it.`, {
    hint: 'Set SOUK_TOKEN to a secret of at least 16 characters, or SOUK_HOST to 127.0.0.1.',
  });
}
