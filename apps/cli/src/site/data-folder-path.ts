import { resolve } from 'node:path';
import type { Context } from '../context.ts';

/** The data folder of a site on this machine: `--data`, else SOUK_DATA, else the one that `souk up` uses. */
export function dataFolderPath({ host, home }: Pick<Context, 'host' | 'home'>, option: string | undefined): string {
  return option === undefined ? host.env['SOUK_DATA'] || home.site : resolve(host.cwd, option);
}
