import { randomBytes } from 'node:crypto';
import { SoukError } from '@souk/domain';
import { gatewayConfig } from '@souk/gateway/module';
import { installConfig } from '@souk/install/module';
import { announceConfig, defineConfig, loadConfigs, type ConfigOf, type Environment } from '@souk/nest';
import { peerConfig } from '@souk/peer/module';
import { reputationConfig } from '@souk/reputation/module';
import { searchConfig } from '@souk/search/module';
import { z } from 'zod';

const noNats = z.undefined('a site in one process talks to nobody over NATS. Unset it, or run one process per service: npm run services');

/** What the site can be told beside what its services can. What only services of their own heed is refused, not passed over. */
export const siteConfig = defineConfig({
  ...announceConfig,
  natsUrl: { env: 'SOUK_NATS_URL', schema: noNats, help: 'Not for a site in one process.' },
  natsUser: { env: 'SOUK_NATS_USER', schema: noNats, help: 'Not for a site in one process.' },
  natsPassword: { env: 'SOUK_NATS_PASSWORD', schema: noNats, secret: true, help: 'Not for a site in one process.' },
});

const configs = { site: siteConfig, peer: peerConfig, search: searchConfig, install: installConfig, reputation: reputationConfig, gateway: gatewayConfig };

/** The settings of every service of a site. */
export type SiteSettings = { readonly [Name in keyof typeof configs]: ConfigOf<(typeof configs)[Name]> };

/** What a site in one process takes for granted: nobody else needs its secret, and its terminal is for people. */
function assumptions(): Record<string, string> {
  return { SOUK_SITE_SECRET: randomBytes(32).toString('base64url'), SOUK_LOG_LEVEL: 'warn' };
}

/** Reads the settings of a site. Throws BAD_CONFIG that names every problem of every service at once. */
export function loadSiteSettings(env: Environment): SiteSettings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const settings = loadConfigs(configs, { ...assumptions(), ...given });
  if (settings.peer.peers === 1) return settings;
  throw new SoukError('BAD_CONFIG', `SOUK_PEERS is ${settings.peer.peers}; a site in one process has one peer.`, { hint: 'Unset SOUK_PEERS, or run a site of several processes: npm run services -- --peers 3.' });
}
