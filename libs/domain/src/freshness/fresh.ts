import { z } from 'zod';
import { bytesOf, fromHex, toHex } from '../id/bytes.ts';
import { peerIdOf } from '../id/peer-id.ts';
import type { Signer } from '../record/ed25519.ts';
import { signStatement, verifyStatement, type SignedStatement } from '../statement/statement.ts';

const FreshFields = z.object({ root: bytesOf(32), at: z.int().min(0).max(Number.MAX_SAFE_INTEGER) });

/** What a super-peer says of what there is: that its tree of heads had this root at that time. */
export interface Fresh {
  /** libp2p peer id of who says so. */
  readonly peer: string;
  /** 64 hexadecimal digits. */
  readonly root: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly signed: SignedStatement;
}

/** Signs what the tree of heads was at a time, with the key of the peer's identity. */
export function signFresh(root: string, at: number, signer: Signer): Fresh {
  return { peer: peerIdOf(signer.publicKey), root, at, signed: signStatement('fresh', { root: fromHex(root), at }, signer) };
}

/** Checks a freshness statement. Throws BAD_STATEMENT, BAD_SIGNATURE, UPGRADE_NEEDED. */
export function verifyFresh(signed: SignedStatement): Fresh {
  const { key, fields } = verifyStatement('fresh', FreshFields, signed);
  return { peer: peerIdOf(key), root: toHex(fields.root), at: fields.at, signed };
}
