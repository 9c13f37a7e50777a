import { announced, type Environment } from '@souk/nest';
import { loadSiteSettings } from './config.ts';
import { startSite, type RunningSite } from './site.ts';

/**
 * Starts a site from an environment and says on standard output how it is reached, or as JSON (`SOUK_ANNOUNCE=json`) why it did not start.
 * Throws what it could not start with.
 */
export function runSite(env: Environment, write: (text: string) => void): Promise<RunningSite> {
  // An async function, so that wrong settings are a rejection too.
  return announced(env, write, async () => startSite(loadSiteSettings(env)));
}
