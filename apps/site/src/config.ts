import { randomBytes } from 'node:crypto';
import { gatewayConfig } from '@souk/gateway/module';
import { installConfig } from '@souk/install/module';
import { defineConfig, loadConfigs, type ConfigOf, type Environment } from '@souk/nest';
import { peerConfig } from '@souk/peer/module';
import { reputationConfig } from '@souk/reputation/module';
import { searchConfig } from '@souk/search/module';
import { z } from 'zod';

/** What the site can be told beside what its services can. */
export const siteConfig = defineConfig({
  announce: {
    env: 'SOUK_ANNOUNCE',
    schema: z.enum(['text', 'json'], 'expected text or json'),
    default: 'text',
    help: 'What standard output says when the site is ready: text for people, or one JSON line { url, peerId, multiaddrs, invite }, or an error body.',
  },
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
  return loadConfigs(configs, { ...assumptions(), ...given });
}

/** Whether somebody wants the announcement as JSON, asked before settings are known to be sound. */
export function wantsJson(env: Environment): boolean {
  return env[siteConfig.announce.env] === 'json';
}
