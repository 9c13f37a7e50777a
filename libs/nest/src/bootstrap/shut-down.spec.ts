import { expect, test } from '@jest/globals';
import { Controller, Get, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { event, request } from '@souk/contracts';
import { codeOf as codeOfError } from '@souk/testing/conformance';
import { z } from 'zod';
import { bootstrap, Handles, InProcessBroker, Listens, Metrics, Readiness, Rpc, ServiceContext, silentLog, type CallContext, type RunningService } from '../index.ts';

const work = request('souk.spec.v1.work', { input: z.object({}), output: z.object({ done: z.string() }), timeoutMs: 60_000 });
const happened = event('souk.event.v1.spec', z.object({ n: z.number() }));

/** What the service under test does, in the order in which it happens, and the gates at which it waits. */
class Story {
  readonly events: string[] = [];
  readonly httpBegan = Promise.withResolvers<void>();
  readonly began = Promise.withResolvers<void>();
  readonly go = Promise.withResolvers<void>();

  tell(text: string): void {
    this.events.push(text);
  }
}

@Injectable()
class Store implements OnApplicationShutdown {
  constructor(private readonly story: Story) {}

  onApplicationShutdown(): void {
    this.story.tell('store closed');
  }
}

@Controller()
class WorkController {
  constructor(private readonly story: Story) {}

  @Handles(work)
  async work(_input: object, { signal }: CallContext): Promise<{ done: string }> {
    this.story.began.resolve();
    signal.addEventListener('abort', () => this.story.tell('call aborted'));
    await this.story.go.promise;
    this.story.tell('call done');
    return { done: 'rpc' };
  }

  @Get('work')
  async http(): Promise<{ done: string }> {
    this.story.httpBegan.resolve();
    await this.story.go.promise;
    this.story.tell('request done');
    return { done: 'http' };
  }

  @Listens(happened)
  async happened({ n }: { n: number }): Promise<void> {
    this.story.began.resolve();
    await this.story.go.promise;
    this.story.tell(`event ${n}`);
  }
}

@Module({})
class WorkModule {}

async function start(shutdownMs?: number): Promise<{ story: Story; service: RunningService; caller: RunningService }> {
  const story = new Story();
  const shared = { transport: { type: 'in-process' as const, broker: new InProcessBroker() }, log: silentLog, metrics: new Metrics() };
  const module = { module: WorkModule, controllers: [WorkController], providers: [{ provide: Story, useValue: story }, Store] };
  const service = await bootstrap(module, { ...shared, name: 'work', shutdownMs });
  return { story, service, caller: await bootstrap(class Caller {}, { ...shared, name: 'caller' }) };
}

/** The code with which a promise fails. */
async function codeOf(outcome: Promise<unknown>): Promise<string> {
  return outcome.then(
    () => 'it succeeded',
    (error: unknown) => codeOfError(error),
  );
}

test('a call in work ends before the store closes', async () => {
  const { story, service, caller } = await start();
  const call = caller.app.get(Rpc).call(work, {});
  await story.began.promise;
  const closed = service.close();
  await expect(caller.app.get(Rpc).call(work, {})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  story.go.resolve();
  expect(await call).toEqual({ done: 'rpc' });
  await closed;
  expect(story.events).toEqual(['call done', 'store closed']);
  await caller.close();
});

test('a request in work ends before the store closes; another one is refused, and the probe says why', async () => {
  const { story, service, caller } = await start();
  const answer = fetch(`${service.url}/work`);
  await story.httpBegan.promise;
  const closed = service.close();
  const refused = await fetch(`${service.url}/work`);
  expect([refused.status, await refused.json()]).toMatchObject([503, { code: 'UNAVAILABLE', message: 'The service is stopping.' }]);
  expect(await (await fetch(`${service.url}/readyz`)).json()).toMatchObject({ details: { unmet: [{ name: 'listening', reason: 'stopping' }] } });
  story.go.resolve();
  expect(await (await answer).json()).toEqual({ done: 'http' });
  await closed;
  expect(story.events).toEqual(['request done', 'store closed']);
  await expect(fetch(`${service.url}/healthz`)).rejects.toThrow('fetch failed');
  await caller.close();
});

test('events that have come are handled before the store closes', async () => {
  const { story, service, caller } = await start();
  await caller.app.get(Rpc).emit(happened, { n: 1 });
  await caller.app.get(Rpc).emit(happened, { n: 2 });
  await story.began.promise;
  const closed = service.close();
  story.go.resolve();
  await closed;
  expect(story.events).toEqual(['event 1', 'event 2', 'store closed']);
  await caller.close();
});

test('what does not end in time is cut off: its signal aborts, its caller gets UNAVAILABLE, its connection closes', async () => {
  const { story, service, caller } = await start(1);
  const call = caller.app.get(Rpc).call(work, {});
  const answer = codeOf(fetch(`${service.url}/work`));
  await Promise.all([story.began.promise, story.httpBegan.promise]);
  const outcome = codeOf(call);
  await service.close();
  expect(await outcome).toBe('UNAVAILABLE');
  expect(await answer).toContain('fetch failed');
  expect(story.events).toEqual(['call aborted', 'store closed']);
  await caller.close();
});

test('what runs in the background is told at once, and closing twice is closing once', async () => {
  const { story, service, caller } = await start();
  const { stopping } = service.app.get(ServiceContext);
  expect(stopping.aborted).toBe(false);
  const closings = [service.close(), service.close()];
  expect(stopping.aborted).toBe(true);
  expect(service.app.get(Readiness).unmet()).toMatchObject([{ name: 'listening' }]);
  await Promise.all(closings);
  expect(story.events).toEqual(['store closed']);
  await caller.close();
});

test('calls that a closing service still waits for become UNAVAILABLE', async () => {
  const { story, service, caller } = await start();
  const outcome = codeOf(caller.app.get(Rpc).call(work, {}));
  await story.began.promise;
  await caller.close();
  expect(await outcome).toBe('UNAVAILABLE');
  story.go.resolve();
  await service.close();
});
