import { defaultSite } from '@souk/contracts';
import { SoukError } from '@souk/domain';
import type { GlobalOptions } from '../context.ts';
import type { Home } from '../home/home.ts';
import { readSettings, type Settings } from '../home/settings.ts';
import { tokenOf } from '../home/site-tokens.ts';
import type { Host } from '../host.ts';
import type { CommandTrace } from '../trace/command-trace.ts';
import { Gateway } from './gateway.ts';
import { parseSite } from './route-url.ts';

const defaultDeadlineMs = 30_000;

function deadlineOf(host: Host, settings: Settings): number {
  const given = host.env['SOUK_TIMEOUT'];
  if (given === undefined || given === '') return settings.timeout === undefined ? defaultDeadlineMs : settings.timeout * 1000;
  const seconds = Number(given);
  if (!(seconds >= 0.001 && seconds <= 3600)) throw new SoukError('BAD_REQUEST', `SOUK_TIMEOUT is "${given.slice(0, 20)}", which is no number of seconds from 0.001 to 3600.`);
  return seconds * 1000;
}

/**
 * The client for `--site`, else SOUK_SITE, else the setting, else the default site; the token is that of `--token`, else SOUK_TOKEN, else the
 * one that was logged in with at this site, else the setting, which goes only to the site of the settings.
 */
export async function openGateway(host: Host, home: Home, options: GlobalOptions, trace?: CommandTrace): Promise<Gateway> {
  const settings = await readSettings(home.config);
  const site = parseSite(options.site ?? (host.env['SOUK_SITE'] || settings.site) ?? defaultSite);
  const isOwn = site.href === parseSite(settings.site ?? defaultSite).href;
  const token = (options.token ?? host.env['SOUK_TOKEN']) || ((await tokenOf(home.tokens, site)) ?? (isOwn ? settings.token : undefined));
  return new Gateway({ site, signal: host.signal, deadlineMs: deadlineOf(host, settings), ...(token ? { token } : {}), ...(trace ? { trace } : {}) });
}
