import { base58btc } from 'multiformats/bases/base58';
import { z } from 'zod';

/** An identity multihash of 36 bytes, which are libp2p's protobuf of an Ed25519 public key (type 1, 32 bytes). */
const prefix = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20);

/** The libp2p peer id of an Ed25519 public key (starts with `12D3KooW`), as the libp2p peer-ids specification has it. */
export function peerIdOf(publicKey: Uint8Array): string {
  return base58btc.encode(Uint8Array.of(...prefix, ...publicKey)).slice(1);
}

/** A libp2p peer id of an Ed25519 key, as `peerIdOf` gives it. */
export const PeerId = z.string().regex(/^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/, 'must be a peer id (12D3KooW...)');
