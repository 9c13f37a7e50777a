export { loadSiteSettings, type SiteSettings } from './config.ts';
export { startSite, type RunningSite } from './site.ts';
