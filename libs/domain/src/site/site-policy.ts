import type { CataloguePolicy } from '../catalogue/package-state.ts';
import type { SiteState } from './site-state.ts';

/** What a site log decides about packages, at whatever time `now` answers (milliseconds since 1970). `site` is asked for its state each time. */
export function sitePolicy(site: { readonly state: SiteState }, now: () => number): CataloguePolicy {
  return {
    boundTo: (name) => site.state.bindings.of(name)?.publisher,
    alwaysBySight: false,
    banOf: (id) => site.state.bans.of({ type: 'publisher', id }, now()),
    isShutOut: (id) => site.state.bans.of({ type: 'key', id }, now()) !== undefined,
    isTakenDown: ({ name, version, cid }, { key, seq }) => {
      const { takedowns } = site.state;
      return takedowns.any && (takedowns.ofVersion(name, version) ?? takedowns.ofBlob(cid) ?? takedowns.ofRecord(key, seq)) !== undefined;
    },
  };
}
