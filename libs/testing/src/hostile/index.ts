export { RawPeer, type RawPeerOptions } from './raw-peer.ts';
export { RawStream } from './raw-stream.ts';
export { SlowLine } from './slow-line.ts';
export { streamEnd } from './stream-end.ts';
export { framed, framedCbor, lengthPrefix, wrongBytes } from './wrong-bytes.ts';
