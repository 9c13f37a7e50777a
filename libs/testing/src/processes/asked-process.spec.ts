import { expect, test } from '@jest/globals';
import { AskedProcess } from './asked-process.ts';
import type { ExampleHost } from './example-host.ts';

const exampleHost = (): AskedProcess<ExampleHost> => new AskedProcess<ExampleHost>(new URL('./example-host.ts', import.meta.url));

test('a process answers each question, and errors keep their codes and details', async () => {
  await using host = exampleHost();
  expect(await Promise.all([1, 2, 3].map((value) => host.ask('twice', value)))).toEqual([2, 4, 6]);
  await expect(host.ask('refuse', undefined)).rejects.toMatchObject({ code: 'RATE_LIMITED', message: 'Too many questions.', details: { left: 0 } });
  await expect(host.ask('fail', undefined)).rejects.toThrow('a mistake');
});

test('a frozen process answers when it is let go on', async () => {
  await using host = exampleHost();
  await host.ask('twice', 1);
  host.freeze();
  const answer = host.ask('twice', 2);
  host.thaw();
  expect(await answer).toBe(4);
});

test('whoever waits for a process that ends is told, and so is whoever asks it afterwards', async () => {
  const host = exampleHost();
  await host.ask('twice', 1);
  const never = host.ask('never', undefined).catch(String);
  await host.stop();
  expect(await never).toContain('SIGKILL');
  await expect(host.ask('twice', 1)).rejects.toThrow('closed');
});
