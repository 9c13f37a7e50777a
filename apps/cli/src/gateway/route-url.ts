import type { HttpRoute } from '@souk/contracts';
import { SoukError } from '@souk/domain';

/** Values for a route's path and query; undefined ones are left out of the query. */
export interface RouteValues {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
}

/** The site's base address. Throws BAD_REQUEST for what is no http or https URL. */
export function parseSite(text: string): URL {
  const hint = 'Give it as in http://127.0.0.1:7685, by --site, SOUK_SITE or souk config set site.';
  if (!URL.canParse(text)) throw new SoukError('BAD_REQUEST', `"${text.slice(0, 80)}" is not the address of a site.`, { hint });
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new SoukError('BAD_REQUEST', `A site speaks http or https, not "${url.protocol}".`, { hint });
  return url;
}

/** The address of a route at a site, which may lie below a path of its own. Parameters are escaped: a scoped name is one segment. */
export function routeUrl(site: URL, route: HttpRoute, { params = {}, query = {} }: RouteValues): URL {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const url = new URL(site.pathname.replace(/\/$/, '') + path, site);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  return url;
}
