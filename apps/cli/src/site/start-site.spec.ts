import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SoukError } from '@souk/domain';
import { Workbench } from '../../fixtures/workbench.ts';

let bench: Workbench;
let packageFolder: string;

beforeEach(async () => {
  bench = await Workbench.open();
  packageFolder = join(bench.folder, 'package');
  mkdirSync(join(packageFolder, 'dist'), { recursive: true });
  writeFileSync(join(packageFolder, 'package.json'), '{"version":"1.0.0"}');
});
afterEach(() => bench.close());

/** A program in the place of the site; it can use `env` and `say`. */
function site(program: string): void {
  writeFileSync(join(packageFolder, 'dist', 'site.mjs'), `const { env } = process; const say = (value) => process.stdout.write(JSON.stringify(value) + '\\n');\n${program}`);
}

const ready = { url: 'http://127.0.0.1:9', peerId: '12D3', multiaddrs: ['/ip4/127.0.0.1/tcp/1'], invite: 'souk1_x' };
const live = `process.on('SIGTERM', () => { process.stderr.write('stopping\\n'); process.exit(0); }); setInterval(() => {}, 1000); say({ ...${JSON.stringify(ready)}, multiaddrs: [env.SOUK_DATA, env.SOUK_PORT, env.SOUK_P2P_PORT, env.SOUK_JOIN].map(String) });`;

/** Runs `souk up` until it has said that it is ready, then asks it to stop. */
async function upAndDown(words: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const stop = new AbortController();
  let stdout = '';
  const ran = await bench.souk(['up', ...words], {
    packageFolder,
    signal: stop.signal,
    stdout: {
      write: (text) => {
        stdout += text;
        stop.abort(new SoukError('CANCELLED', 'Interrupted.', { details: { signal: 'SIGTERM' } }));
      },
    },
  });
  return { code: ran.code, stdout, stderr: ran.stderr };
}

test('with --json: the site\'s own line, its settings from the options, a stop in good order with exit 0', async () => {
  site(live);
  const { code, stdout, stderr } = await upAndDown(['--json', '--port', '0', '--data', 'd', '--p2p-port', '4001', '--join', 'souk1_abc']);
  expect(JSON.parse(stdout)).toEqual({ ...ready, multiaddrs: [join(bench.project, 'd'), '0', '4001', 'souk1_abc'] });
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'stopping\n' });
});

test('without: url, peer, invite and three commands to go on; data below SOUK_HOME', async () => {
  site(live);
  const { stdout } = await upAndDown([]);
  expect(stdout).toContain('site    http://127.0.0.1:9\npeer    12D3\ninvite  souk1_x\n');
  expect(stdout.match(/^ {2}souk /gm)).toHaveLength(3);
  expect(JSON.parse((await upAndDown(['--json'])).stdout).multiaddrs[0]).toBe(join(bench.home, 'site'));
});

test('what keeps a site from starting is shown with its own code', async () => {
  site("say({ code: 'PORT_IN_USE', message: 'The port 7685 is taken.', hint: 'Use --port 0.' }); process.exitCode = 7;");
  expect(await bench.souk(['up', '--json'], { packageFolder })).toMatchObject({ code: 7, json: { code: 'PORT_IN_USE', hint: 'Use --port 0.' } });
  site("process.stderr.write('boom\\n'); process.exitCode = 3;");
  expect(await bench.souk(['up', '--json'], { packageFolder })).toMatchObject({ code: 6, stderr: 'boom\n', json: { code: 'UNAVAILABLE', message: 'The site ended before it was ready (exit code 3).' } });
});

test('a site that ends by itself is an error', async () => {
  site(`say(${JSON.stringify(ready)}); setTimeout(() => process.exit(9), 1);`);
  expect(await bench.souk(['up'], { packageFolder })).toMatchObject({ code: 6, stderr: expect.stringContaining('The site ended by itself (exit code 9).') });
});

test('wrong options, an old Node and a missing site', async () => {
  expect(await bench.souk(['up', '--port', '99999', '--json'], { packageFolder: join(bench.folder, 'none') }).catch(() => ({ code: -1 }))).toMatchObject({ code: 70 });
  expect(await bench.souk(['up', '--json'], { packageFolder })).toMatchObject({ code: 3, json: { code: 'NOT_FOUND' } });
  site(live);
  expect(await bench.souk(['up', '--port', '99999', '--json'], { packageFolder })).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST' } });
  for (const nodeVersion of ['20.20.2', '22.14.0']) {
    expect(await bench.souk(['up', '--json'], { packageFolder, nodeVersion })).toMatchObject({ code: 7, json: { code: 'RUNTIME_TOO_OLD', hint: expect.stringContaining('npm i -g node@24') } });
  }
});
