export * from './body.ts';
export { seedFrom, signerOf, type Signer } from './ed25519.ts';
export * from './sign.ts';
export * from './site-body.ts';
export * from './subject.ts';
export * from './signed-record.ts';
export { decodeCanonical, parseRecord, verify } from './verify.ts';
