import * as dagCbor from '@ipld/dag-cbor';

/** The canonical dag-cbor encoding of a value; throws for what dag-cbor can't carry, such as undefined. */
export function encodeCbor(value: unknown): Uint8Array {
  return dagCbor.encode(value);
}

/** Decodes one dag-cbor value; throws for anything else, also for bytes after it. What it means is for a schema to say. */
export function decodeCbor(bytes: Uint8Array): unknown {
  return dagCbor.decode(bytes);
}
