import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { blobCid, sha256Of } from '@souk/domain';
import { Workbench } from '../../fixtures/workbench.ts';

let bench: Workbench;

beforeEach(async () => {
  bench = await Workbench.open();
});
afterEach(() => bench.close());

const now = 1_767_225_600_000;
const ago = (ms: number): string => new Date(now - ms).toISOString();
const peer = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp';
const cid = blobCid(sha256Of(Uint8Array.of(1)));
const show = async (...words: string[]): Promise<{ stdout: string; stderr: string; json: unknown }> => ({ ...(await bench.souk(['network', ...words])), json: (await bench.souk(['network', ...words, '--json'])).json });

test('the status shows what is leased and until when, who is ahead, and how often each tier knew', async () => {
  const more = {
    links: 3,
    supers: [peer],
    freshness: { stale: true, since: ago(7_200_000), needed: 2, attested: [] },
    lease: { epoch: 7, n: 3, blobs: 14, holders: [{ peer, renewedAt: ago(180_000), endsAt: ago(-1_020_000) }] },
    leased: 14,
    behind: { peers: 1, since: ago(5000) },
    lookups: { since: ago(3_600_000), recentSeconds: 300, tiers: [{ tier: 'hot', asked: 40, hits: 10, recent: { asked: 0, hits: 0 } }] },
  };
  bench.site.twists.getNetwork = (answer) => ({ ...answer, ...more });
  const { stdout, stderr, json } = await show();
  expect(stdout).toMatch(/^lease +14 blobs, held by 1 super-peer, renewed 3 min ago, ends in 17 min unless it is renewed \(epoch 7, n 3\)$/m);
  expect(stdout).toMatch(/^records +STALE since .* \(2 h ago\): 0 of 2 super-peers ever attested/m);
  expect(stdout).toMatch(/^behind +1 linked peer has records that are not here, since 5 s ago/m);
  expect(stdout).toMatch(/^hot +40 +10 \(25 %\) +0 +-$/m);
  expect(stderr).toBe('');
  expect(json).toMatchObject(more);
});

test('who is linked to nobody is told what to do', async () => {
  expect((await show()).stderr).toContain('souk up --join INVITE');
  expect((await show('supers')).stdout).toContain('SOUK_SUPERS');
  expect((await show('lag')).stdout).toContain('souk network invite');
});

test('super-peers are listed with their links, who named them, and how their answers turned out', async () => {
  const linked = { peer, addresses: ['/ip4/192.0.2.1/tcp/1'], named: 'charter', links: 1, latencyMs: 3.2, zone: 'eu-1', shares: 'zone', answers: { ok: 120, omitted: 1 }, audits: 2, answeredAt: ago(1000), failedAt: ago(60_000), failedBy: 'omitted', attestedAt: ago(600_000), holdsLease: true };
  const other = { addresses: ['/dns4/souk.example.org/tcp/1'], named: 'configured', links: 0, answers: {}, audits: 0, holdsLease: false };
  bench.site.twists.getSupers = () => ({ supers: [linked, other] });
  const { stdout, stderr, json } = await show('supers');
  expect(stderr).toContain('share a zone or addresses');
  expect(stdout).toMatch(/^…vnc6iDEp +linked +3 ms +eu-1 +charter +held +10 min ago +2 +120 ok, 1 omitted; last omitted 1 min ago$/m);
  expect(stdout).toMatch(/^\/dns4\/souk\.example\.org\/tcp\/1 +not linked +- +- +configured +- +- +0 +none yet$/m);
  expect(json).toEqual({ supers: [linked, other] });
});

test('a peer that is ahead is listed with by how much, since when and why', async () => {
  const ahead = { peer, inSync: false, behind: 5, since: ago(90_000), exchangedAt: ago(120_000), records: 1, error: { code: 'TIMEOUT', message: 'Nothing came.', at: ago(4000) } };
  const level = { peer: 'short', inSync: true, exchangedAt: ago(10_000), records: 0 };
  bench.site.twists.getLag = () => ({ peers: [ahead, level], total: 7 });
  const { stdout, json } = await show('lag');
  expect(stdout).toMatch(/^…vnc6iDEp +5 behind +1 min ago +2 min ago, 1 record +TIMEOUT 4 s ago: Nothing came\.$/m);
  expect(stdout).toMatch(/^short +in sync +- +10 s ago$/m);
  expect(stdout).toContain('and 5 more');
  expect(json).toEqual({ peers: [ahead, level], total: 7 });
});

test('a lookup is shown step by step, with who was late, who is not waited for and who was left out', async () => {
  const step = { tier: 'super', peer, providers: 0, hedged: false, dropped: [] };
  const steps = [
    { tier: 'hot', outcome: 'nobody', providers: 0, hedged: false, beganMs: 0, tookMs: 0.04, dropped: [] },
    { ...step, outcome: 'waiting', beganMs: 0.2 },
    { ...step, outcome: 'found', providers: 1, hedged: true, beganMs: 200.4, tookMs: 12.3, dropped: [{ peer: 'gone', why: 'its lease has ended' }] },
    { tier: 'dht', outcome: 'skipped', providers: 0, hedged: false, beganMs: 1, why: 'nobody is linked', dropped: [] },
  ];
  bench.site.twists.lookup = (answer) => ({ ...answer, tier: 'peers', foundIn: 'super', steps });
  const { stdout, json } = await show('lookup', cid);
  expect(stdout).toMatch(/^1 provider, known by super, in 0\.5 ms\n12D3KooWTest\n/);
  expect(stdout).toMatch(/^hot +nobody +0\.0 ms +0\.0 ms$/m);
  expect(stdout).toMatch(/^super +…vnc6iDEp +waiting +0\.2 ms +- +not waited for; its answer goes to the caches$/m);
  expect(stdout).toMatch(/^super +…vnc6iDEp +1 provider +200\.4 ms +12\.3 ms +asked too because the one before was late; left out gone: its lease has ended$/m);
  expect(stdout).toMatch(/^dht +skipped +1\.0 ms +- +nobody is linked$/m);
  expect(json).toMatchObject({ cid, steps });
});
