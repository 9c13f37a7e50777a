export { InstallModule, installConfig, type InstallConfig } from './install.module.ts';
