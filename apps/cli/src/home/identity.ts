import { randomBytes } from 'node:crypto';
import { keyId, sha256Of, signerOf, type KeyId, type KeyStore, type PublisherId, type Signer } from '@souk/domain';
import { openKeyStore } from '@souk/store';

/** Names of the secrets in SOUK_HOME/keys. */
export const keyNames = { root: 'root', nextRoot: 'next-root', device: 'device' } as const;

/** Who signs on this computer: a publisher's root key, the key that may replace it, and this computer's own key. */
export interface Identity {
  readonly publisher: PublisherId;
  readonly root: Signer;
  readonly device: Signer;
  readonly deviceKey: KeyId;
  /** SHA-256 of the public key that may replace the root. */
  readonly nextRootHash: Uint8Array;
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

/** Opens the keys in a folder and makes those that are missing. Call it only under the lock of the home. */
export async function openIdentity(folder: string): Promise<Identity> {
  const keys = await openKeyStore(folder);
  const root = await seed(keys, keyNames.root);
  const next = await seed(keys, keyNames.nextRoot);
  const device = await seed(keys, keyNames.device);
  const signer = { root: signerOf(root.seed), next: signerOf(next.seed), device: signerOf(device.seed) };
  return {
    publisher: keyId(signer.root.publicKey),
    root: signer.root,
    device: signer.device,
    deviceKey: keyId(signer.device.publicKey),
    nextRootHash: sha256Of(signer.next.publicKey),
    isNew: root.isNew || next.isNew || device.isNew,
  };
}
