import { z } from 'zod';
import { SoukError } from '../errors/souk-error.ts';
import { bytesOf } from '../id/bytes.ts';
import { peerIdOf } from '../id/peer-id.ts';
import type { Signer } from '../record/ed25519.ts';
import { signStatement, verifyStatement, type SignedStatement } from '../statement/statement.ts';

/** Longest life of a lease, in milliseconds, counted from when it is received. */
export const maxLeaseMs = 20 * 60_000;

/** Most cids that one lease counts. Whoever has more leases the newest; a super-peer that has all says `mirror`. */
export const maxLeasedCids = 100_000;

const maxAddresses = 8;

const LeaseFields = z.object({
  epoch: z.int().min(0),
  n: z.int().min(0),
  role: z.string().regex(/^[a-z]{1,16}$/),
  addresses: z.array(z.string().min(1).max(256)).max(maxAddresses),
  root: bytesOf(32),
  count: z.int().min(0).max(maxLeasedCids),
  ttl: z.int().min(0).max(maxLeaseMs),
  mirror: z.boolean(),
  zone: z.string().regex(/^[A-Za-z0-9._-]{1,63}$/).optional(),
});

/** What a peer says of what it serves. Of two, the one of the higher (epoch, n) counts. */
export interface LeaseFields {
  /** Grows with each start of the peer. */
  readonly epoch: number;
  /** Grows with each lease of one epoch. */
  readonly n: number;
  /** The peer's role; a word that is not known counts as `leaf`. */
  readonly role: string;
  /** Multiaddrs at which it is reached, at most eight. */
  readonly addresses: readonly string[];
  /** Hash over the 256 buckets of its cids; see `CidSet`. */
  readonly root: Uint8Array;
  /** How many cids those are. */
  readonly count: number;
  /** Life in milliseconds from receipt; 0 withdraws everything. */
  readonly ttl: number;
  /** Whether it serves every blob that the catalogue names; counts of super-peers only. */
  readonly mirror: boolean;
  /** The zone that it is in, where it was told: who is in the same one fetches from it rather than from elsewhere. */
  readonly zone?: string | undefined;
}

/** A lease whose signature and fields were checked by `verifyLease`. */
export interface Lease extends LeaseFields {
  /** libp2p peer id of the issuer. */
  readonly peer: string;
  readonly signed: SignedStatement;
}

/** Signs a lease with the key of the peer's identity. More than eight addresses are cut. Throws BAD_STATEMENT for fields out of range. */
export function signLease(fields: LeaseFields, signer: Signer): Lease {
  const { epoch, n, role, root, count, ttl, mirror, zone } = fields;
  const said = { epoch, n, role, addresses: fields.addresses.slice(0, maxAddresses), root, count, ttl, mirror, ...(zone === undefined ? {} : { zone }) };
  const parsed = LeaseFields.safeParse(said);
  if (!parsed.success) throw new SoukError('BAD_STATEMENT', 'The lease has a field out of range.', { cause: parsed.error });
  return { ...said, peer: peerIdOf(signer.publicKey), signed: signStatement('lease', said, signer) };
}

/** Checks a lease. Throws BAD_STATEMENT, BAD_SIGNATURE, UPGRADE_NEEDED. */
export function verifyLease(signed: SignedStatement): Lease {
  const { key, fields } = verifyStatement('lease', LeaseFields, signed);
  return { ...fields, peer: peerIdOf(key), signed };
}

/** Orders two leases of one peer: negative when `a` is the older, 0 when they are one. */
export function compareLeases(a: Pick<LeaseFields, 'epoch' | 'n'>, b: Pick<LeaseFields, 'epoch' | 'n'>): number {
  return a.epoch - b.epoch || a.n - b.n;
}
