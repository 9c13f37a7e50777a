import { expect, test } from '@jest/globals';
import { programCommand } from '@souk/nest';
import { ProcessLog } from './process-log.ts';
import { ServiceProgram } from './service-program.ts';

const programWith = (env: Readonly<Record<string, string>>): ServiceProgram => {
  const log = new ProcessLog({ write: () => undefined, format: 'json', isNumbered: false, level: 'error', width: 10 });
  return new ServiceProgram({ service: 'peer', replica: 0, entry: '/opt/souk/peer.mjs', env, portVariable: 'SOUK_HTTP_PORT', port: 0, log });
};

test('a service is run as its program is to be run, with its settings and its port', async () => {
  const { words, env } = programCommand('peer', '/opt/souk/peer.mjs');
  expect(await programWith({ SOUK_ROLE: 'super' }).command()).toMatchObject({ words, env: { ...env, SOUK_ROLE: 'super', SOUK_HTTP_PORT: '0' } });
});

test('who says where compiled code is kept is heeded', async () => {
  expect((await programWith({ NODE_COMPILE_CACHE: '/var/cache/souk' }).command()).env).toMatchObject({ NODE_COMPILE_CACHE: '/var/cache/souk' });
});
