import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { KeyId, keyId, sha256Of, signerOf, SoukError, type KeyStore, type PublisherId, type Signer } from '@souk/domain';
import { openKeyStore, writeDurably } from '@souk/store';
import type { Home } from './home.ts';
import { ifPresent, onDisk } from './on-disk.ts';

/** Names of the secrets in SOUK_HOME/keys that everybody has. */
export const keyNames = { root: 'root', nextRoot: 'next-root', device: 'device' } as const;

/** The name of the root key that comes after so many rotations; the one after the current root waits for its turn. */
export function rootName(rotations: number): string {
  if (rotations === 0) return keyNames.root;
  return rotations === 1 ? keyNames.nextRoot : `${keyNames.nextRoot}-${rotations}`;
}

/** A root key that waits to replace the current one. */
export interface NextRoot {
  readonly signer: Signer;
  /** How many rotations there are once it is the root. */
  readonly rotations: number;
}

/** Who signs on this computer. */
export interface Identity {
  readonly publisher: PublisherId;
  /** The root keys of this computer that have signed, or will: the publisher's first one, then its successors. Just the first on a computer that joined. */
  readonly roots: readonly KeyId[];
  /** Signs as the current root; undefined where its secret is not on this computer. */
  readonly root: Signer | undefined;
  /** What the current root committed to; undefined on a computer that joined. */
  readonly next: NextRoot | undefined;
  readonly device: Signer;
  readonly deviceKey: KeyId;
  /** Whether any of it was made just now. */
  readonly isNew: boolean;
}

async function seed(keys: KeyStore, name: string): Promise<{ seed: Uint8Array; isNew: boolean }> {
  const kept = await keys.get(name);
  if (kept) return { seed: kept, isNew: false };
  const made = new Uint8Array(randomBytes(32));
  await keys.create(name, made);
  return { seed: made, isNew: true };
}

/** The publisher that this computer joined, undefined when it has one of its own. Throws STORAGE_CORRUPT. */
export async function joinedPublisher(home: Home): Promise<PublisherId | undefined> {
  const text = await onDisk(`Reading ${home.publisher}`, () => ifPresent(() => readFile(home.publisher, 'utf8')));
  if (text === undefined) return undefined;
  const parsed = KeyId.safeParse(text.trim());
  if (!parsed.success) throw new SoukError('STORAGE_CORRUPT', `${home.publisher} does not name a publisher.`, { hint: 'Write it again: souk key join PUBLISHER.' });
  return parsed.data;
}

/** Notes the publisher that this computer writes for. */
export async function keepPublisher(home: Home, publisher: PublisherId): Promise<void> {
  await onDisk(`Writing ${home.publisher}`, () => writeDurably(home.publisher, new TextEncoder().encode(`${publisher}\n`), 'replace'));
}

/** Makes this computer's own key, if it is missing; its public half. */
export async function openDevice(home: Home): Promise<KeyId> {
  return keyId(signerOf((await seed(await openKeyStore(home.keys), keyNames.device)).seed).publicKey);
}

/** Makes the key that comes after the next root, so that a rotation can commit to it; its public half. */
export async function makeRootAfter(home: Home, { rotations }: NextRoot): Promise<Uint8Array> {
  return signerOf((await seed(await openKeyStore(home.keys), rootName(rotations + 1))).seed).publicKey;
}

/** Opens the keys of a home and makes those that are missing. Call it only under the lock of the home. Throws STORAGE_CORRUPT when the root is missing but its successor is not. */
export async function openIdentity(home: Home): Promise<Identity> {
  const keys = await openKeyStore(home.keys);
  const joined = await joinedPublisher(home);
  const names = new Set(await keys.list());
  const hasRoot = names.has(keyNames.root);
  if (!hasRoot && names.has(keyNames.nextRoot) && joined === undefined) throw rootMissing(home);
  const device = await seed(keys, keyNames.device);
  const signer = signerOf(device.seed);
  const own = { device: signer, deviceKey: keyId(signer.publicKey) };
  if (!hasRoot && joined !== undefined && !names.has(keyNames.nextRoot)) return { ...own, publisher: joined, roots: [joined], root: undefined, next: undefined, isNew: device.isNew };
  const root = hasRoot || joined === undefined ? await seed(keys, keyNames.root) : undefined;
  const first = root && signerOf(root.seed);
  const publisher = joined ?? keyId((first as Signer).publicKey);
  return { ...own, publisher, ...(await rootChain(home, keys, publisher, first)), isNew: device.isNew || root?.isNew === true };
}

/** Follows the rotations that this computer has signed: the newest root with a log is the current one. */
async function rootChain(home: Home, keys: KeyStore, publisher: PublisherId, first: Signer | undefined): Promise<Pick<Identity, 'roots' | 'root' | 'next'>> {
  const roots: KeyId[] = [publisher];
  let root = first;
  for (let rotations = 1; ; rotations += 1) {
    const { seed: secret } = await seed(keys, rootName(rotations));
    const signer = signerOf(secret);
    const key = keyId(signer.publicKey);
    const log = await onDisk(`Reading ${home.logs}`, () => ifPresent(() => stat(join(home.logs, `${key}.jsonl`))));
    if (log === undefined || log.size === 0) return { roots, root, next: { signer, rotations } };
    roots.push(key);
    root = signer;
  }
}

/** SHA-256 of a public key: how a root commits to its successor. */
export const commitmentTo = (publicKey: Uint8Array): Uint8Array => sha256Of(publicKey);

function rootMissing(home: Home): SoukError {
  return new SoukError('STORAGE_CORRUPT', `Your root key is missing: ${join(home.keys, keyNames.root)}.`, {
    hint: 'Restore it from a backup. If it is lost, let its successor take over: souk key rotate --publisher PUBLISHER.',
  });
}
