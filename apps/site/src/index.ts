export { addressLine, addressText, type SiteAddress } from './announcement.ts';
export { loadSiteSettings, type SiteSettings } from './config.ts';
export { startSite, type RunningSite } from './site.ts';
