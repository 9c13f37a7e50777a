import { maxFrameBytes } from '@souk/contracts';
import { encodeCbor } from '@souk/domain';

/** An unsigned varint, as in the multiformats specification. */
export function lengthPrefix(length: number): Uint8Array {
  const bytes: number[] = [];
  let rest = length;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}

/** Bytes behind their length. */
export function framed(payload: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat([lengthPrefix(payload.length), payload]));
}

/** A value as a frame of dag-cbor. */
export function framedCbor(value: unknown): Uint8Array {
  return framed(encodeCbor(value as never));
}

/** What is no frame of any protocol, by what is wrong with it. `isCut`: it is so because nothing follows. */
export const wrongBytes: readonly { readonly what: string; readonly bytes: Uint8Array; readonly isCut?: boolean }[] = [
  { what: 'a length beyond the limit', bytes: lengthPrefix(maxFrameBytes + 1) },
  { what: 'a length that never ends', bytes: Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff) },
  { what: 'a length in a longer form than needed', bytes: Uint8Array.of(0x81, 0x00) },
  { what: 'an empty frame', bytes: Uint8Array.of(0) },
  { what: 'bytes that are not dag-cbor', bytes: framed(Uint8Array.of(0xff, 0x00)) },
  { what: 'nesting without end', bytes: framed(new Uint8Array(200_000).fill(0x81)) },
  { what: 'a value that is no map', bytes: framed(encodeCbor([1, 2])) },
  { what: 'an unknown message', bytes: framed(encodeCbor({ t: 'shutdown' })) },
  { what: 'a prototype', bytes: framed(Buffer.from('a1695f5f70726f746f5f5fa0', 'hex')) },
  { what: 'an end inside a length', bytes: Uint8Array.of(0x80), isCut: true },
  { what: 'an end inside a frame', bytes: new Uint8Array([...lengthPrefix(100), 0xa1]), isCut: true },
];
