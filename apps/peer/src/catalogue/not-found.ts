import { SoukError } from '@souk/domain';

/** Most versions that an error lists. */
const maxListed = 50;

/** PACKAGE_NOT_FOUND with details `{ name }`. */
export function packageNotFound(name: string): SoukError {
  return new SoukError('PACKAGE_NOT_FOUND', `No package is called ${name}.`, { hint: `Search for it: souk search ${name}.`, details: { name } });
}

/** VERSION_NOT_FOUND with details `{ name, wanted, versions }`: what there is, newest first. `versions` are in ascending order. */
export function versionNotFound(name: string, wanted: string, versions: readonly string[]): SoukError {
  const newest = versions.toReversed();
  const shown = newest.slice(0, 5).join(', ');
  return new SoukError('VERSION_NOT_FOUND', `${name} has no version ${wanted}.`, {
    hint: newest.length === 0 ? 'It has no version that counts.' : `There ${newest.length === 1 ? 'is' : 'are'} ${shown}${newest.length > 5 ? ` and ${newest.length - 5} older ones` : ''}.`,
    details: { name, wanted, versions: newest.slice(0, maxListed) },
  });
}
