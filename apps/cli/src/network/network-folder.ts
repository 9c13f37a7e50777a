import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseCharter, signerOf, SoukError, type Charter, type KeyStore, type SignedCharter, type Signer, formatCharter } from '@souk/domain';
import { openKeyStore, writeDurably } from '@souk/store';
import type { Context } from '../context.ts';
import { ifPresent, onDisk } from '../home/on-disk.ts';

/** The secrets of a network, beside its charter. */
const secrets = { network: 'network', authority: 'authority' } as const;

/** The folder of whoever runs a network: its key, the authority key that signs its charters (both 0600), and the newest charter. */
export interface NetworkFolder {
  readonly path: string;
  /** File of the charter: what SOUK_CHARTER and `souk network charter FILE` take. */
  readonly charterFile: string;
  readonly keys: KeyStore;
}

/** The folder that `--dir` names, else `network` in SOUK_HOME. Throws STORAGE_DENIED when others may enter it. */
export async function openNetworkFolder({ host, home }: Pick<Context, 'host' | 'home'>, option: string | undefined): Promise<NetworkFolder> {
  const path = option === undefined ? join(home.path, 'network') : resolve(host.cwd, option);
  return { path, charterFile: join(path, 'charter'), keys: await openKeyStore(join(path, 'keys')) };
}

function notThere({ path }: NetworkFolder, what: string): SoukError {
  return new SoukError('NOT_FOUND', `There is no ${what} in ${path}.`, { hint: 'Make a network first: souk network create. Or name its folder by --dir.', details: { path } });
}

/** The newest charter of the folder. Throws NOT_FOUND, BAD_CHARTER, BAD_SIGNATURE. */
export async function heldCharter(folder: NetworkFolder): Promise<Charter> {
  const text = await charterText(folder);
  if (text === undefined) throw notThere(folder, 'charter');
  return parseCharter(text);
}

/** The charter of the folder as text, if there is one. */
export function charterText({ charterFile }: NetworkFolder): Promise<string | undefined> {
  return onDisk(`Reading ${charterFile}`, () => ifPresent(() => readFile(charterFile, 'utf8')));
}

/** Writes a charter into the folder, in place of the one before. */
export async function keepCharter({ charterFile }: NetworkFolder, signed: SignedCharter): Promise<void> {
  await onDisk(`Writing ${charterFile}`, () => writeDurably(charterFile, new TextEncoder().encode(formatCharter(signed)), 'replace'));
}

/** Keeps a secret; one that is kept already must be the same, else the folder is that of another network. Throws BAD_REQUEST. */
export async function keepSecret(folder: NetworkFolder, name: keyof typeof secrets, secret: Uint8Array): Promise<void> {
  const held = await folder.keys.get(secrets[name]);
  if (held && Buffer.compare(held, secret) !== 0) throw new SoukError('BAD_REQUEST', `The folder ${folder.path} is that of another network.`, { hint: 'Choose another one by --dir.' });
  if (!held) await folder.keys.create(secrets[name], secret);
}

/** The key of the network. Throws NOT_FOUND. */
export async function networkKey(folder: NetworkFolder): Promise<Uint8Array> {
  const held = await folder.keys.get(secrets.network);
  if (!held) throw notThere(folder, 'network key');
  return held;
}

/** Who signs charters. Throws NOT_FOUND. */
export async function authority(folder: NetworkFolder): Promise<Signer> {
  const seed = await folder.keys.get(secrets.authority);
  if (!seed) throw notThere(folder, 'authority key');
  return signerOf(seed);
}
