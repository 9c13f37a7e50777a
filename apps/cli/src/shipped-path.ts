import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SoukError } from '@souk/domain';
import { ifPresent } from './home/on-disk.ts';

/** Where something lies that comes along with the command: in the installed package, or in the workspace that it is built from. */
export interface Places {
  readonly installed: readonly string[];
  readonly workspace: readonly string[];
}

/** The path of something that comes along. Throws NOT_FOUND when it is missing; `what` begins the message. */
export async function shippedPath(packageFolder: string, what: string, places: Places): Promise<string> {
  const exists = async (path: string): Promise<boolean> => (await ifPresent(() => stat(path))) !== undefined;
  // Only the workspace has the sources.
  const isWorkspace = await exists(join(packageFolder, 'src', 'main.ts'));
  const path = join(packageFolder, ...(isWorkspace ? places.workspace : places.installed));
  if (await exists(path)) return path;
  throw new SoukError('NOT_FOUND', `${what} missing from this installation.`, { hint: isWorkspace ? 'Run npm run build first.' : 'Install the souk command again.' });
}
