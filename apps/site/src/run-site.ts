import type { Environment } from '@souk/nest';
import { addressLine, addressText, failureLine } from './announcement.ts';
import { loadSiteSettings, wantsJson } from './config.ts';
import { startSite, type RunningSite } from './site.ts';

/**
 * Starts a site from an environment and says on standard output how it is reached, or as JSON (`SOUK_ANNOUNCE=json`) why it did not start.
 * Throws what it could not start with.
 */
export async function runSite(env: Environment, write: (text: string) => void): Promise<RunningSite> {
  try {
    const settings = loadSiteSettings(env);
    const site = await startSite(settings);
    write(settings.site.announce === 'json' ? addressLine(site) : addressText(site));
    return site;
  } catch (error) {
    if (wantsJson(env)) write(failureLine(error));
    throw error;
  }
}
