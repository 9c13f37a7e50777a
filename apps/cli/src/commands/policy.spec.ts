import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { routes } from '@souk/contracts';
import { author } from '@souk/testing/builders';
import { Workbench } from '../../fixtures/workbench.ts';

let bench: Workbench;
let asked: { method: string | undefined; url: string | undefined }[] = [];
const ada = author('ada').id;

/** Has a route of the site answer what a test wants. */
const answers = (name: keyof typeof routes, body: unknown, status = 200): void => {
  bench.site.raws[name] = ({ method, url }, response) => {
    asked.push({ method, url });
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
};

beforeEach(async () => {
  bench = await Workbench.open();
  asked = [];
});
afterEach(() => bench.close());

test('names and scopes are bound and unbound, somebody is banned for a time and let in again, a version is taken down', async () => {
  answers('putBinding', { name: '@team/*', publisher: ada, by: 'policy' });
  answers('deleteBinding', { name: '@team/*', publisher: ada, by: 'policy' });
  answers('postBan', { subject: { type: 'publisher', id: ada }, until: '2026-01-02T00:00:00.000Z', reason: 'spam' }, 201);
  answers('deleteBan', { subject: { type: 'publisher', id: ada }, reason: 'spam' });
  answers('postTakedown', { subject: { type: 'version', name: '@team/kit', version: '1.0.0', cids: [] }, reason: '', at: '2026-01-01T00:00:00.000Z' }, 201);
  const said = [
    await bench.souk(['policy', 'bind', '@team/*', ada]),
    await bench.souk(['policy', 'unbind', '@team/*']),
    await bench.souk(['policy', 'ban', 'publisher', ada, '--for', '1d', '--reason', 'spam']),
    await bench.souk(['policy', 'unban', 'publisher', ada]),
    await bench.souk(['policy', 'takedown', '@team/kit@1.0.0']),
  ];
  expect(said.map((one) => [one.code, one.stdout])).toEqual([
    [0, `@team/* belongs to ${ada} at this site\n`],
    [0, `@team/* is no longer bound to ${ada}\n`],
    [0, `The publisher ${ada} is banned until 2026-01-02T00:00:00.000Z\n`],
    [0, `The publisher ${ada} is let in again\n`],
    [0, '@team/kit@1.0.0 is taken down: erased here, no longer found, served or taken\n'],
  ]);
  expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual(['PUT /v1/site/bindings/%40team%2F*', 'DELETE /v1/site/bindings/%40team%2F*', 'POST /v1/site/bans', `DELETE /v1/site/bans/publisher/${ada}`, 'POST /v1/site/takedowns']);
});

test('what was decided is listed', async () => {
  answers('listBindings', { bindings: [{ name: 'kit', publisher: ada, by: 'policy' }] });
  answers('listBans', { bans: [{ subject: { type: 'key', id: ada }, reason: 'spam' }] });
  answers('listTakedowns', { takedowns: [{ subject: { type: 'record', key: ada, seq: 4 }, reason: 'court', at: '2026-01-01T00:00:00.000Z' }] });
  const { stdout } = await bench.souk(['policy']);
  expect(stdout).toMatch(new RegExp(`kit +${ada}[^]*key +${ada}[^]*spam[^]*${ada}/4[^]*court`));
  expect((await bench.souk(['policy', '--json'])).json).toMatchObject({ bindings: [{ name: 'kit' }], bans: [{ reason: 'spam' }], takedowns: [{ reason: 'court' }] });
});

test.each([
  [['bind', 'Kit', ada], 'neither a name nor a scope'],
  [['bind', 'kit', 'ada'], 'bound to a publisher'],
  [['ban', 'publisher', 'ada'], "can't be banned"],
  [['ban', 'dog', ada], "can't be banned"],
  [['ban', 'key', ada, '--for', 'ever'], 'no length of time'],
  [['takedown', 'kit'], 'nothing that can be taken down'],
  [['takedown', 'kit@latest'], 'nothing that can be taken down'],
  [['pardon'], 'not understood'],
])('souk policy %j is refused before anybody is asked', async (words, message) => {
  expect(await bench.souk(['policy', ...words, '--json'])).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST', message: expect.stringContaining(message) } });
  expect(bench.site.calls).toEqual([]);
});
