export * from './bytes.ts';
export * from './cbor.ts';
export * from './cid.ts';
export * from './key-id.ts';
export * from './network-id.ts';
export * from './package-name.ts';
export * from './peer-id.ts';
export * from './version.ts';
