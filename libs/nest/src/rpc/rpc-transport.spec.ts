import { afterAll, beforeAll } from '@jest/globals';
import { Controller, Module, type Type } from '@nestjs/common';
import { maxMessageBytes } from '@souk/contracts';
import { rpcTransportConformance, type Opened, type SuiteHandler, type SuiteSite } from '@souk/testing/conformance';
import { natsProgram, NatsServer, natsTest } from '@souk/testing/nats';
import { bootstrap, Handles, InProcessBroker, Listens, Rpc, silentLog, Streams, type RunningService, type TransportOptions } from '../index.ts';
import { Metrics } from '../metrics/metrics.ts';

/** A module whose one controller has these handlers, each bound by the decorator that a service would write. */
function moduleOf(handlers: readonly SuiteHandler[]): Type<unknown> {
  class SuiteController {}
  for (const [index, handler] of handlers.entries()) {
    const method = `handler${index}`;
    const run = handler.run as (...args: unknown[]) => never;
    Object.defineProperty(SuiteController.prototype, method, { value: (...args: unknown[]) => run(...args), writable: true, configurable: true });
    const descriptor = Object.getOwnPropertyDescriptor(SuiteController.prototype, method) ?? {};
    decoratorOf(handler)(SuiteController.prototype, method, descriptor);
  }
  class SuiteModule {}
  Controller()(SuiteController);
  Module({ controllers: [SuiteController] })(SuiteModule);
  return SuiteModule;
}

function decoratorOf(handler: SuiteHandler): (target: object, key: string, descriptor: PropertyDescriptor) => void {
  if ('endless' in handler || handler.on.type === 'stream') return Streams(handler.on as never, { endless: 'endless' in handler && handler.endless });
  if (handler.on.type === 'request') return Handles(handler.on as never);
  return Listens(handler.on as never, { queue: 'queue' in handler ? handler.queue : undefined });
}

/** A site of real services over one transport. */
function openSite(transport: TransportOptions): Opened<SuiteSite> {
  const running: RunningService[] = [];
  const metrics = new Metrics();
  return {
    store: {
      maxMessageBytes,
      start: async (handlers, { ordinal = 0 } = {}) => {
        const service = await bootstrap(moduleOf(handlers), { name: 'suite', transport, ordinal, log: silentLog, metrics });
        running.push(service);
        return { rpc: service.app.get(Rpc), close: () => service.close() };
      },
    },
    cleanup: async () => {
      await Promise.all(running.map((service) => service.close()));
    },
  };
}

rpcTransportConformance('in-process', () => Promise.resolve(openSite({ type: 'in-process', broker: new InProcessBroker() })));

let server: NatsServer | undefined;

beforeAll(async () => {
  if (natsProgram() !== undefined) server = await NatsServer.start();
});
afterAll(() => server?.[Symbol.asyncDispose]());

rpcTransportConformance('NATS', () => Promise.resolve(openSite({ type: 'nats', servers: [{ host: '127.0.0.1', port: server?.port ?? 0 }] })), natsTest);
