export { Cable } from './cable.ts';
export { natsProgram } from './nats-program.ts';
export { NatsServer, type NatsServerOptions } from './nats-server.ts';
export { natsTest, natsTestSince } from './nats-test.ts';
