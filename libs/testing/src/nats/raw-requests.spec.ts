import { expect } from '@jest/globals';
import { NatsServer } from './nats-server.ts';
import { natsTest } from './nats-test.ts';
import { rawRequests } from './raw-requests.ts';

natsTest('what is sent to another process comes back', async () => {
  await using server = await NatsServer.start();
  const raw = await rawRequests(server.url);
  try {
    expect(await raw.request(Uint8Array.of(1, 2, 3))).toEqual(Uint8Array.of(1, 2, 3));
  } finally {
    await raw.close();
  }
});
