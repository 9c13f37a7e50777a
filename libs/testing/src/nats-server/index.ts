// The door for what runs without jest; for specs `@souk/testing/nats` has all of it.
export { natsProgram } from '../nats/nats-program.ts';
export { NatsServer } from '../nats/nats-server.ts';
export { rawRequests, type RawRequests } from '../nats/raw-requests.ts';
