import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { SoukError } from '@souk/domain';
import { makeFolder, writeDurably } from '@souk/store';
import { ifPresent, onDisk } from './on-disk.ts';

/** Tokens by the address of their site. */
const SiteTokens = z.record(z.string(), z.string().min(1).max(4096));

async function read(path: string): Promise<Record<string, string>> {
  const text = await onDisk(`Reading ${path}`, () => ifPresent(() => readFile(path, 'utf8')));
  if (text === undefined) return {};
  try {
    return SiteTokens.parse(JSON.parse(text));
  } catch (cause) {
    throw new SoukError('BAD_CONFIG', `The tokens in ${path} can't be read.`, { hint: 'Delete the file and log in again: souk login.', details: { path }, cause });
  }
}

/** The token that was kept for a site; it is sent to no other. Throws BAD_CONFIG. */
export async function tokenOf(path: string, site: URL): Promise<string | undefined> {
  const tokens = await read(path);
  return Object.hasOwn(tokens, site.href) ? tokens[site.href] : undefined;
}

/** Keeps a token for a site, or forgets it; the file is readable by its owner only. Throws BAD_CONFIG, STORAGE_DENIED, STORAGE_FULL. */
export async function keepToken(path: string, site: URL, token: string | undefined): Promise<void> {
  const { [site.href]: _before, ...others } = await read(path);
  const tokens = token === undefined ? others : { ...others, [site.href]: token };
  await onDisk(`Writing ${path}`, async () => {
    await makeFolder(dirname(path));
    await writeDurably(path, new TextEncoder().encode(`${JSON.stringify(tokens, null, 2)}\n`), 'replace');
  });
}
