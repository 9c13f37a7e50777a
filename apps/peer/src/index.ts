export { PeerModule, peerConfig, type PeerConfig } from './peer.module.ts';
