import { SoukError } from '@souk/domain';

/** PACKAGE_NOT_FOUND with details `{ name }`. */
export function packageNotFound(name: string): SoukError {
  return new SoukError('PACKAGE_NOT_FOUND', `No package is called ${name}.`, { hint: `Search for it: souk search ${name}.`, details: { name } });
}
