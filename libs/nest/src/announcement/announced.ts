import { defineConfig } from '../config/define-config.ts';
import type { Environment } from '../config/load-config.ts';
import { z } from 'zod';
import { addressLine, addressText, failureLine, type SiteAddress } from './announcement.ts';

/** What a site can be told about how it announces itself. */
export const announceConfig = defineConfig({
  announce: {
    env: 'SOUK_ANNOUNCE',
    schema: z.enum(['text', 'json'], 'expected text or json'),
    default: 'text',
    help: 'What standard output says when the site is ready: text for people, or one JSON line { url, peerId, multiaddrs, invite }, or an error body.',
  },
});

/**
 * Starts a site and says on standard output how it is reached, or as JSON (`SOUK_ANNOUNCE=json`) why it did not start.
 * Throws what it could not start with. The settings are read by `start`, so that a wrong one is announced too.
 */
export async function announced<Site extends SiteAddress>(env: Environment, write: (text: string) => void, start: () => Promise<Site>): Promise<Site> {
  const asJson = env[announceConfig.announce.env] === 'json';
  try {
    const site = await start();
    write(asJson ? addressLine(site) : addressText(site));
    return site;
  } catch (error) {
    if (asJson) write(failureLine(error));
    throw error;
  }
}
