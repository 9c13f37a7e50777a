import * as dagCbor from '@ipld/dag-cbor';
import { z } from 'zod';
import { SoukError } from '../errors/souk-error.ts';
import { bytesOf, bytesUpTo, sameBytes } from '../id/bytes.ts';
import { keyId, KeyId } from '../id/key-id.ts';
import { PeerId } from '../id/peer-id.ts';
import type { Signer } from '../record/ed25519.ts';
import { prefixed, requireSignature } from '../record/signature.ts';
import { Bindable } from '../record/site-body.ts';

/** Most bytes of a charter: it fits into one frame between peers. */
export const maxCharterBytes = 131_072;
/** The version of charters' form that this code writes and understands. */
export const charterForm = 1;
/** Most super-peers and bindings of a charter. */
export const maxCharter = { supers: 64, scopes: 512, addresses: 8 } as const;

const domainPrefix = new TextEncoder().encode('souk/charter/1\0');

/** A super-peer of the network: who it is, and the multiaddrs at which it is reached, without `/p2p`. */
export const CharterSuper = z.object({ peer: PeerId, addresses: z.array(z.string().min(1).max(256).startsWith('/')).min(1).max(maxCharter.addresses) });
export type CharterSuper = z.infer<typeof CharterSuper>;
/** A name, or all names of a scope, belong to a publisher at every site of the network. */
export const CharterScope = z.object({ name: Bindable, publisher: KeyId });
export type CharterScope = z.infer<typeof CharterScope>;
/** What one peer may introduce at another in a day, at most; a site may allow less. */
export const CharterLimits = z.object({ logs: z.int().min(1).optional(), names: z.int().min(1).optional(), bytes: z.int().min(1).optional() });
export type CharterLimits = z.infer<typeof CharterLimits>;

/** What a charter says. */
export const CharterFields = z.object({
  /** The network, as `networkIdOf` names it. */
  network: z.string().regex(/^[0-9a-f]{16}$/),
  /** Grows with each charter of a network. */
  version: z.int().min(1),
  /** When it was signed, in milliseconds since 1970; for display. */
  at: z.int().min(0),
  supers: z.array(CharterSuper).max(maxCharter.supers),
  scopes: z.array(CharterScope).max(maxCharter.scopes),
  limits: CharterLimits,
});
export type CharterFields = z.infer<typeof CharterFields>;

const Envelope = z.looseObject({ v: z.int().min(1).max(65_535), key: bytesOf(32) });

/** A charter as it travels: dag-cbor bytes as received, and the authority's signature over them. */
export const SignedCharter = z.object({ bytes: bytesUpTo(maxCharterBytes), signature: bytesOf(64) });
export type SignedCharter = z.infer<typeof SignedCharter>;

/** A charter whose signature and fields were checked by `verifyCharter`. */
export interface Charter extends CharterFields {
  /** The key that signs the network's charters. */
  readonly authority: KeyId;
  readonly signed: SignedCharter;
}

function bad(why: string, cause?: unknown): SoukError {
  return new SoukError('BAD_CHARTER', `The charter ${why}.`, { hint: 'Ask whoever runs the network for its newest charter.', cause });
}

function fieldsOf(value: unknown): CharterFields {
  const parsed = CharterFields.safeParse(value);
  if (!parsed.success) throw bad(`has a wrong field: ${parsed.error.issues[0]?.path.join('.') ?? ''} ${parsed.error.issues[0]?.message ?? ''}`.trimEnd());
  const { supers, scopes } = parsed.data;
  if (new Set(supers.map((one) => one.peer)).size < supers.length) throw bad('names a super-peer twice');
  if (new Set(scopes.map((one) => one.name)).size < scopes.length) throw bad('binds a name twice');
  return parsed.data;
}

/** Signs a charter with the network's authority key. Throws BAD_CHARTER for fields out of range or too many. */
export function signCharter(fields: CharterFields, authority: Signer): Charter {
  const said = fieldsOf(fields);
  const bytes = dagCbor.encode({ ...said, limits: { ...said.limits }, v: charterForm, key: authority.publicKey });
  if (bytes.length > maxCharterBytes) throw bad(`has ${bytes.length} bytes; the limit is ${maxCharterBytes}`);
  return { ...said, authority: keyId(authority.publicKey), signed: { bytes, signature: authority.sign(prefixed(domainPrefix, bytes)) } };
}

/** Whose charter counts: that of this authority, for this network. */
export interface CharterRealm {
  readonly authority: KeyId;
  readonly network: string;
}

/**
 * What a charter says, after its encoding, its signature over `"souk/charter/1\0"` and its bytes as received, and its fields were checked, and
 * that it is of the realm, if one is given. Fields that this version does not know are skipped. Throws BAD_CHARTER, BAD_SIGNATURE, UPGRADE_NEEDED.
 */
export function verifyCharter(signed: SignedCharter, realm?: CharterRealm): Charter {
  const envelope = envelopeOf(signed.bytes);
  const authority = keyId(envelope.key);
  if (realm && authority !== realm.authority) throw bad(`is signed by ${authority}, and the authority of this network is ${realm.authority}`);
  requireSignature({ what: 'charter', key: envelope.key, message: prefixed(domainPrefix, signed.bytes), signature: signed.signature });
  const fields = fieldsOf(envelope);
  if (realm && fields.network !== realm.network) throw bad(`is of the network ${fields.network}, not ${realm.network}`);
  return { ...fields, authority, signed };
}

function envelopeOf(bytes: Uint8Array): z.infer<typeof Envelope> {
  if (bytes.length > maxCharterBytes) throw bad(`has more than ${maxCharterBytes} bytes`);
  const parsed = Envelope.safeParse(canonical(bytes));
  if (!parsed.success) throw bad('does not say its form and key');
  if (parsed.data.v > charterForm) throw new SoukError('UPGRADE_NEEDED', `The charter has form ${parsed.data.v}; this Souk understands ${charterForm}.`, { hint: 'Upgrade Souk.' });
  return parsed.data;
}

function canonical(bytes: Uint8Array): unknown {
  try {
    const value: unknown = dagCbor.decode(bytes);
    if (sameBytes(dagCbor.encode(value), bytes)) return value;
  } catch (cause) {
    throw bad('is not dag-cbor', cause);
  }
  throw bad('is in a non-canonical encoding');
}

/** Where the super-peers of a charter are reached, each address with its `/p2p/<peer id>`. */
export function superAddresses({ supers }: Pick<CharterFields, 'supers'>): string[] {
  return supers.flatMap(({ peer, addresses }) => addresses.map((address) => `${address}/p2p/${peer}`));
}
