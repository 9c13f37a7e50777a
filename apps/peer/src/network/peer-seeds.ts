import { randomBytes } from 'node:crypto';
import type { Role } from '@souk/contracts';
import { SoukError, type KeyStore } from '@souk/domain';

/**
 * The seeds of a peer's identities, each made when it is first needed. The first is that of a peer with only one. Throws BAD_CONFIG where there is to be
 * more than one of another role than leaf.
 */
export async function peerSeeds(keys: KeyStore, { identities, role }: { readonly identities: number; readonly role: Role }): Promise<readonly [Uint8Array, ...Uint8Array[]]> {
  if (identities > 1 && role !== 'leaf') throw new SoukError('BAD_CONFIG', `SOUK_IDENTITIES is ${identities}, but a peer of role ${role} has one identity.`, { hint: 'Set SOUK_ROLE=leaf, or leave SOUK_IDENTITIES out.' });
  const [first, ...further] = await Promise.all(Array.from({ length: identities }, (_, at) => seedNamed(keys, at === 0 ? 'peer' : `peer-${at + 1}`)));
  return [first as Uint8Array, ...further];
}

async function seedNamed(keys: KeyStore, name: string): Promise<Uint8Array> {
  const held = await keys.get(name);
  if (held) return held;
  const made = new Uint8Array(randomBytes(32));
  await keys.create(name, made);
  return made;
}
