import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Workbench } from '../../fixtures/workbench.ts';

let bench: Workbench;
beforeEach(async () => {
  bench = await Workbench.open();
});
afterEach(() => bench.close());

const line = { name: 'a', version: '1.0.0', kind: 'template', description: 'First.', keywords: [], publisher: 'z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK', updatedAt: '2026-01-01T00:00:00.000Z', versions: 1, stars: 0, downloads: 0 };
const facets = { kind: [], keyword: [], license: [] };

test('a site that may not know the newest says so in one line, beside its answer', async () => {
  const stale = { since: '2025-12-31T22:00:00.000Z' };
  bench.site.twists.search = (answer) => ({ ...answer, stale });
  const { stdout, stderr } = await bench.souk(['search']);
  expect(stderr).toMatch(/^This site may not know the newest: since 2025-12-31T22:00:00\.000Z \(2 h ago\) .*\. See: souk network supers\n$/);
  expect(stdout).not.toContain('newest');
  expect((await bench.souk(['search', '--json'])).json).toMatchObject({ stale });
});

test('a table and how many there are', async () => {
  bench.site.twists.search = () => ({ total: 7, items: [line, { ...line, name: 'longer-name', kind: 'package', description: 'Second.', deprecated: 'use a' }], facets, tookMs: 1.26 });
  expect((await bench.souk(['search', 'x', '--offset', '2', '--limit', '2'])).stdout).toBe(
    [
      'NAME         VERSION  KIND      DESCRIPTION',
      'a            1.0.0    template  First.',
      'longer-name  1.0.0    package   (deprecated: use a) Second.',
      '',
      '3-4 of 7 packages in 1.3 ms; more with --offset 4',
      '',
    ].join('\n'),
  );
});

test('the query holds what was asked and nothing else', async () => {
  const asked: string[] = [];
  bench.site.raws.search = (request, response) => {
    asked.push(decodeURIComponent(request.url ?? ''));
    response.end(JSON.stringify({ total: 0, items: [], facets, tookMs: 0 }));
  };
  expect((await bench.souk(['search', 'http', 'service', '--kind', 'template', '--scope', '@team', '--sort', 'name'])).stdout).toBe('Nothing found.\n');
  expect(asked).toEqual(['/v1/search?q=http+service&kind=template&scope=team&sort=name&limit=20&offset=0']);
});

test('an answer of a site that still reads its catalogue says so', async () => {
  bench.site.twists.search = () => ({ total: 0, items: [], facets, tookMs: 0, partial: true });
  expect((await bench.souk(['search', 'x'])).stdout).toBe('Nothing found.\nThe site has just started and still reads its catalogue: packages may be missing.\n');
});

test('what a site sends can not steer the terminal', async () => {
  bench.site.twists.search = () => ({ total: 1, items: [{ ...line, description: 'a\u001b[2J\u009b31m\u202eb\nc\r\u0007' }], facets, tookMs: 1 });
  expect((await bench.souk(['search'])).stdout).toContain('  a[2J31mb c\n');
  bench.site.raws.search = (_request, response) => void response.writeHead(404).end(JSON.stringify({ code: 'NOT_FOUND', message: 'x\u001b]0;title\u0007y' }));
  expect((await bench.souk(['search'])).stderr).toBe('souk: x]0;titley (NOT_FOUND)\n');
});

test('info shows a package and one version, network what the peer knows, key no secret', async () => {
  await bench.publish({ name: 'mine', version: '1.0.0', description: 'Mine.', license: 'MIT', dependencies: { other: '^1' } });
  const masked = async (...words: string[]): Promise<string> => (await bench.souk(words, { home: bench.author })).stdout.replace(/(bafkrei|z6Mk|sha512-)[\w+/=]+/g, '$1').replace(/\b[0-9a-f]{64}\b/g, 'HEX').replaceAll(bench.folder, '').replace(/\d+ B/g, 'N B');
  expect(await masked('info', 'mine')).toBe('mine@1.0.0\n\npublisher  z6Mk\ntags       latest=1.0.0\n\n1 version\nVERSION  KIND     SIZE   FIRST SEEN  REMARK\n1.0.0    package  N B  2026-01-01\n');
  expect(await masked('info', 'mine@latest')).toBe(
    'mine@1.0.0\nMine.\n\nkind        package\npublisher   z6Mk\nlicense     MIT\ncid         bafkrei\nintegrity   sha512-\ntree        HEX\nsize        N B, N B unpacked, 2 files\nrequires    other@^1\nfirst seen  2026-01-01T00:00:00.000Z\n',
  );
  expect(await masked('network')).toBe('peer       12D3KooWTest\nrole       full\nnetwork    private\naddresses  /ip4/127.0.0.1/tcp/4001\nlinks      0\nholds      2 logs, 4 records, 1 blob\nhead root  HEX\n');
  expect(await masked('network', 'peers')).toBe('PEER           LINK      RECORDS  LATENCY  SCORE  ADDRESSES\n12D3KooWOther  outbound  in sync  3 ms     0.91   /ip4/10.0.0.2/tcp/4001\n');
  expect(await masked('network', 'invite')).toBe('souk1_secret\n');
  expect(await masked('key', 'show', 'device')).toBe("name            device\nkey             z6Mk\nmeaning         this computer's key: signs your releases\nsecret          /author/keys/device (readable by you only; back it up)\nrecords signed  2\n");
  expect((await bench.souk(['key', '--json'], { home: bench.author })).json.keys.map((one: { name: string }) => one.name)).toEqual(['device', 'next-root', 'root']);
  expect((await bench.souk(['key'])).stdout).toMatch(/^You have no keys yet/);
});
