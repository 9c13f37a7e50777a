import cluster from 'node:cluster';
import { afterAll } from '@jest/globals';

// The locks of libp2p's peer store listen to the cluster and to a channel for as long as their process lives. To a worker that runs one spec
// after the other these are listeners of specs that are over, and hold all of their modules in memory.
const channels = [];
globalThis.BroadcastChannel = class extends BroadcastChannel {
  constructor(name) {
    super(name);
    channels.push(this);
  }
};

afterAll(() => {
  cluster.removeAllListeners('message');
  for (const channel of channels) channel.close();
});
