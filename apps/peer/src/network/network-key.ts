import { randomBytes } from 'node:crypto';
import type { Invite } from '@souk/contracts';
import { networkIdOf, sameBytes, SoukError, type KeyStore, type LogStore } from '@souk/domain';

/** The stores that say to which network a data folder belongs. */
export interface NetworkStores {
  readonly keys: KeyStore;
  readonly logs: Pick<LogStore, 'size'>;
  /** The network that the folder says it belongs to: `open` or an id; absent for a folder that never said so. */
  readonly belongs?: string;
}

/** What the start asks for. */
export interface WantedNetwork {
  readonly join?: Invite | undefined;
  readonly network?: 'private' | 'open' | undefined;
}

const keyName = 'network';

function contradiction(message: string, hint: string): SoukError {
  return new SoukError('BAD_CONFIG', message, { hint });
}

function otherNetwork(): SoukError {
  return new SoukError('BAD_INVITE', 'The invite is for another network than the one that this data folder belongs to.', {
    hint: 'Join with a new data folder (--data), or start this one without the invite.',
  });
}

function keyMissing(belongs: string): SoukError {
  return new SoukError('BAD_CONFIG', `This data folder belongs to the private network ${belongs}, and the key of that network is missing.`, {
    hint: 'Start it once with an invite of that network: souk up --join INVITE. Or restore the backup again, one that has keys.',
    details: { network: belongs },
  });
}

function requireSameKind(key: Uint8Array | undefined, { network }: WantedNetwork): void {
  if (network === 'open' && key) throw contradiction('SOUK_NETWORK=open contradicts the network key of the invite or of the data folder.', 'Unset SOUK_NETWORK, or choose another data folder with --data.');
  if (network === 'private' && !key) throw contradiction('SOUK_NETWORK=private, but the invite or the data folder belongs to an open network.', 'Unset SOUK_NETWORK, or choose another data folder with --data.');
}

/** Throws BAD_CONFIG when the key of the network that a folder belongs to is missing, BAD_INVITE when there is another one. */
function requireBelonging(belongs: string, key: Uint8Array | undefined): void {
  if (networkIdOf(key) === belongs) return;
  throw key === undefined ? keyMissing(belongs) : otherNetwork();
}

/**
 * The key of the network that a data folder belongs to, undefined for an open network. A new folder takes the key of the invite, or
 * makes one. An open network leaves no key behind: a folder with records and no key belongs to one, unless it says otherwise.
 * Throws BAD_INVITE when the invite is for another network, BAD_CONFIG when `network` contradicts what the folder or the invite is.
 */
export async function networkKeyOf({ keys, logs, belongs }: NetworkStores, wanted: WantedNetwork): Promise<Uint8Array | undefined> {
  const { join } = wanted;
  const held = await keys.get(keyName);
  if (belongs !== undefined) requireBelonging(belongs, held ?? join?.networkKey);
  if (belongs !== undefined && belongs !== 'open' && !held && join?.networkKey) {
    await keys.create(keyName, join.networkKey);
    return join.networkKey;
  }
  const isUsed = held !== undefined || (await logs.size()).records > 0;
  if (isUsed && join && !(join.networkKey && held ? sameBytes(join.networkKey, held) : join.networkKey === held)) throw otherNetwork();
  if (isUsed || join) {
    const key = held ?? join?.networkKey;
    requireSameKind(key, wanted);
    if (!held && key) await keys.create(keyName, key);
    return key;
  }
  if (wanted.network === 'open') return undefined;
  const made = new Uint8Array(randomBytes(32));
  await keys.create(keyName, made);
  return made;
}
