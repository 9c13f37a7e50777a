export { loadServicesSettings, type ServicesSettings } from './settings.ts';
export { startServices, type RunningServices, type ServicesOptions } from './services.ts';
