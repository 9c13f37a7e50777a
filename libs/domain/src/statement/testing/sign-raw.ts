import * as dagCbor from '@ipld/dag-cbor';
import type { Signer } from '../../record/ed25519.ts';
import type { SignedStatement } from '../statement.ts';

/** Signs whatever fields, also those that no statement may have: for tests of what is refused. */
export function signRaw(fields: Readonly<Record<string, unknown>>, signer: Signer): SignedStatement {
  const bytes = dagCbor.encode({ key: signer.publicKey, ...fields });
  return { bytes, signature: signer.sign(new Uint8Array(Buffer.concat([Buffer.from('souk/statement/1\0'), bytes]))) };
}
