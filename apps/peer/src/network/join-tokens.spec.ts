import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { listJoinTokens, makeJoinToken, parseInvite, redeemJoin, revokeJoinToken, type JoinInput } from '@souk/contracts';
import { fromBase64, joinProof, openAnswer, toBase64 } from '@souk/domain';
import { TestPeer } from '../testing/test-peer.ts';
import { JoinTokens, type MadeToken } from './join-tokens.ts';

const refused = { code: 'FORBIDDEN' };
const nonce = new Uint8Array(32).fill(9);
const asking = ({ id, secret }: Pick<MadeToken, 'id' | 'secret'>): JoinInput => ({ id, nonce: toBase64(nonce), proof: toBase64(joinProof(secret, nonce)) });

let folder: string;
let now: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'souk-join-'));
  now = 1_767_225_600_000;
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (): Promise<JoinTokens> => JoinTokens.open(folder, () => now);

test('a token is used as often as it may be and no more, also by many at once and after a restart', async () => {
  const tokens = await open();
  const token = await tokens.make({ uses: 3, expiresInSeconds: 60 });
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => tokens.redeem(asking(token), () => 'welcome')));
  expect(results.filter((one) => one.status === 'fulfilled')).toHaveLength(3);
  await expect((await open()).redeem(asking(token), () => 'welcome')).rejects.toMatchObject(refused);
  expect(statSync(join(folder, 'join-tokens.json')).mode & 0o777).toBe(0o600);
});

test('a token ends at its time; one that nobody made, or whose secret is not known, opens nothing and costs no use', async () => {
  const tokens = await open();
  const token = await tokens.make({ uses: 1, expiresInSeconds: 60 });
  await expect(tokens.redeem(asking({ ...token, id: '0'.repeat(16) }), () => 'welcome')).rejects.toMatchObject(refused);
  await expect(tokens.redeem(asking({ ...token, secret: new Uint8Array(32) }), () => 'welcome')).rejects.toMatchObject(refused);
  await expect(tokens.redeem({ ...asking(token), nonce: toBase64(new Uint8Array(32)) }, () => 'welcome')).rejects.toMatchObject(refused);
  const again = await open();
  expect(new TextDecoder().decode(openAnswer(token.secret, nonce, await again.redeem(asking(token), () => 'welcome')))).toBe('welcome');
  const late = await again.make({ uses: 1, expiresInSeconds: 60 });
  now += 60_000;
  await expect(again.redeem(asking(late), () => 'welcome')).rejects.toMatchObject(refused);
});

test('the tokens that count are listed without their secrets, and one that is revoked opens nothing any more, also after a restart', async () => {
  const tokens = await open();
  const [long, short, used] = [await tokens.make({ uses: 2, expiresInSeconds: 120 }), await tokens.make({ uses: 1, expiresInSeconds: 60 }), await tokens.make({ uses: 1, expiresInSeconds: 60 })];
  await tokens.redeem(asking(used), () => 'welcome');
  await tokens.redeem(asking(long), () => 'welcome');
  expect(tokens.list()).toEqual([{ id: short.id, left: 1, until: short.until }, { id: long.id, left: 1, until: long.until }]);
  expect(await tokens.revoke(long.id)).toEqual({ id: long.id, left: 1, until: long.until });
  for (const id of [long.id, used.id, '0'.repeat(16)]) await expect(tokens.revoke(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const again = await open();
  await expect(again.redeem(asking(long), () => 'welcome')).rejects.toMatchObject(refused);
  expect(again.list().map((one) => one.id)).toEqual([short.id]);
});

test('what a token is exchanged for lets a peer join: the key, the addresses, and the authority if there is one', async () => {
  await using site = await TestPeer.start();
  const { id, secret, expiresAt } = await site.rpc.call(makeJoinToken, { uses: 1, expiresInSeconds: 60 });
  expect(await site.rpc.call(listJoinTokens, {})).toEqual({ tokens: [{ id, left: 1, expiresAt }] });
  const other = await site.rpc.call(makeJoinToken, { uses: 1, expiresInSeconds: 60 });
  expect(await site.rpc.call(revokeJoinToken, { id: other.id })).toMatchObject({ id: other.id });
  const { sealed } = await site.rpc.call(redeemJoin, asking({ id, secret: fromBase64(secret) }));
  const invite = new TextDecoder().decode(openAnswer(fromBase64(secret), nonce, fromBase64(sealed)));
  expect(parseInvite(invite).networkKey).toEqual(site.runtime.networkKey);
  await using joined = await TestPeer.start({ env: { SOUK_JOIN: invite } });
  expect((await joined.self()).status.network).toBe((await site.self()).status.network);
});
