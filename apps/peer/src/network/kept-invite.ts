import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseInvite, type Invite } from '@souk/contracts';

/** The invite that `souk network join` left in a data folder, if there is one. Throws BAD_INVITE for one that is damaged. */
export async function keptInvite(folder: string): Promise<Invite | undefined> {
  const text = await readFile(join(folder, 'invite'), 'utf8').catch((error: unknown) => {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : parseInvite(text.trim());
}
