import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { formatInvite, formatJoinToken, parseInvite } from '@souk/contracts';
import { fromBase64, isJoinProof, keyId, networkIdOf, parseCharter, peerIdOf, sealAnswer, seedFrom, signerOf, toBase64 } from '@souk/domain';
import { Workbench } from '../../fixtures/workbench.ts';

let bench: Workbench;

beforeEach(async () => {
  bench = await Workbench.open();
});
afterEach(() => bench.close());

const network = (...words: string[]): ReturnType<Workbench['souk']> => bench.souk(['network', ...words, '--json']);
const [one, two] = ['one', 'two'].map((name) => peerIdOf(signerOf(seedFrom(name)).publicKey)) as [string, string];
const publisher = keyId(signerOf(seedFrom('ada')).publicKey);

test('a network is made and its charter amended by whoever holds its keys, which nobody else can read; its invite says who signs', async () => {
  const created = await network('create', '--super', `/ip4/192.0.2.1/tcp/7686/p2p/${one}`, '--limit', 'logs=5000');
  expect(created).toMatchObject({ code: 0, json: { version: 1, supers: [{ peer: one }], limits: { logs: 5000 } } });
  const { dir, charter: file, authority, network: id } = created.json as { dir: string; charter: string; authority: string; network: string };
  for (const key of ['network', 'authority']) expect(statSync(join(dir, 'keys', key)).mode & 0o777).toBe(0o600);
  expect(await network('create')).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST' } });
  const amended = await network('amend', '--super', `/dns4/souk.example.org/tcp/7686/p2p/${two}`, '--drop-super', one, '--scope', `@team/*=${publisher}`);
  expect(amended).toMatchObject({ code: 0, json: { version: 2, supers: [{ peer: two }], scopes: [{ name: '@team/*', publisher }] } });
  expect(parseCharter(readFileSync(file, 'utf8'))).toMatchObject({ version: 2, authority, network: id });
  const { invite } = (await network('invite', '--dir', dir)).json as { invite: string };
  const read = parseInvite(invite);
  expect(read).toMatchObject({ authority, addresses: [`/dns4/souk.example.org/tcp/7686/p2p/${two}`] });
  expect(networkIdOf(read.networkKey)).toBe(id);
});

test('a charter can be made for a network that there is', async () => {
  const networkKey = seedFrom('network');
  const invite = formatInvite({ addresses: ['/ip4/192.0.2.1/tcp/1'], networkKey });
  expect(await network('create', '--of', invite, '--dir', 'mine')).toMatchObject({ code: 0, json: { network: networkIdOf(networkKey) } });
  expect(await network('create', '--of', formatInvite({ addresses: ['/ip4/192.0.2.1/tcp/1'] }), '--dir', 'open')).toMatchObject({ code: 2, json: { code: 'BAD_INVITE' } });
});

test('what can not be meant is a usage error', async () => {
  for (const words of [['dance'], ['join'], ['lookup'], ['create', '--super', '192.0.2.1:7686'], ['create', '--scope', '@team/*'], ['create', '--limit', 'logs=many'], ['create', '--drop-scope', '??'], ['token', '--uses', 'often'], ['token', '--expires', 'never']]) {
    expect(await network(...words)).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST' } });
  }
  expect(await network('join', 'souk-join1_nonsense')).toMatchObject({ code: 2, json: { code: 'BAD_INVITE' } });
  expect(await network('amend')).toMatchObject({ code: 3, json: { code: 'NOT_FOUND' } });
});

test('an invite is kept for the site that starts in that folder, unless the folder belongs to another network', async () => {
  const data = join(bench.folder, 'data');
  const invite = formatInvite({ addresses: ['/ip4/192.0.2.1/tcp/1'], networkKey: seedFrom('network') });
  expect(await network('join', invite, '--data', data)).toMatchObject({ code: 0, json: { data, network: networkIdOf(seedFrom('network')) } });
  expect(readFileSync(join(data, 'invite'), 'utf8').trim()).toBe(invite);
  expect(statSync(join(data, 'invite')).mode & 0o777).toBe(0o600);
  bench.write(data, { 'belongs.json': '{ "network": "fedcba9876543210" }' });
  expect(await network('join', invite, '--data', data)).toMatchObject({ code: 2, json: { code: 'BAD_INVITE' } });
});

test('join tokens that count are listed, and one can be ended', async () => {
  const token = { id: '0123456789abcdef', left: 3, expiresAt: new Date(1_767_225_600_000 + 3_600_000).toISOString() };
  bench.site.twists.listJoinTokens = () => ({ tokens: [token] });
  expect(await network('token', '--list')).toMatchObject({ code: 0, json: { tokens: [token] } });
  expect((await bench.souk(['network', 'token', '--list'])).stdout).toMatch(/^0123456789abcdef +3 +2026-01-01T01:00:00\.000Z \(in 1 h\)$/m);
  expect(await network('token', '--revoke', token.id)).toMatchObject({ code: 0, json: { id: token.id } });
  expect(bench.site.calls.at(-1)).toBe('deleteJoinToken');
  for (const words of [['--revoke', 'souk-join1_x'], ['--list', '--revoke', token.id]]) expect(await network('token', ...words)).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST' } });
});

test('a join token is exchanged for an invite that only its secret opens, and a site that does not know it is not believed', async () => {
  const secret = seedFrom('secret');
  const invite = formatInvite({ addresses: ['/ip4/192.0.2.1/tcp/1'], networkKey: seedFrom('network') });
  const asked: string[] = [];
  let sealing = secret;
  bench.site.raws.postJoin = (request, response) => {
    let text = '';
    request.on('data', (piece: Buffer) => (text += piece.toString()));
    request.on('end', () => {
      asked.push(text, request.headers.authorization ?? '');
      const { nonce, proof } = JSON.parse(text) as { nonce: string; proof: string };
      expect(isJoinProof(secret, fromBase64(nonce), fromBase64(proof))).toBe(true);
      const sealed = toBase64(sealAnswer(sealing, fromBase64(nonce), new TextEncoder().encode(invite), new Uint8Array(12)));
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ sealed }));
    });
  };
  const token = formatJoinToken({ url: bench.site.url, id: '0123456789abcdef', secret });
  const data = join(bench.folder, 'data');
  const joined = await bench.souk(['network', 'join', token, '--data', data, '--json'], { env: { SOUK_TOKEN: 'of-another-site' } });
  expect(joined).toMatchObject({ code: 0, json: { network: networkIdOf(seedFrom('network')) } });
  expect(readFileSync(join(data, 'invite'), 'utf8').trim()).toBe(invite);
  expect(asked.join()).not.toContain(toBase64(secret));
  expect(asked[1]).toBe('');
  sealing = seedFrom('impostor');
  expect(await network('join', token, '--data', join(bench.folder, 'other'))).toMatchObject({ code: 4, json: { code: 'UNTRUSTED_ANSWER' } });
});
