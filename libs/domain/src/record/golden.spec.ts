import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { LogWriter, epoch } from '@souk/testing/builders';
import { toHex } from '../id/bytes.ts';
import { blobCid, sha256Of } from '../id/cid.ts';
import type { KeyId } from '../id/key-id.ts';
import { bodies, readFact, type RecordKind } from './body.ts';
import { seedFrom, signerOf } from './ed25519.ts';
import { fromWire, toWire, type WireRecord } from './signed-record.ts';
import { verify } from './verify.ts';

/** A record as version 1 wrote it, and what it says. Lines are only ever added to this file. */
interface Golden {
  readonly kind: string;
  readonly hash: string;
  readonly record: WireRecord;
}

const golden = JSON.parse(readFileSync(new URL('golden-v1.json', import.meta.url), 'utf8')) as Golden[];

/** The same facts, signed by today's code. */
function signedToday(): LogWriter[] {
  const [root, device, next] = [new LogWriter('golden/root'), new LogWriter('golden/device'), new LogWriter('golden/next')];
  const blob = new TextEncoder().encode('golden');
  const hash = sha256Of(blob);
  root.write('inception', { rootKey: root.key, nextRootHash: sha256Of(next.signer.publicKey) });
  root.write('delegate', { key: device.key, name: 'laptop' });
  device.write('inception', { rootKey: root.key });
  device.write('release', {
    name: '@golden/kit', version: '1.2.3-beta.1', kind: 'template', cid: blobCid(hash), integrity: `sha512-${'A'.repeat(86)}==`,
    manifest: { description: 'Grüße, 世界', keywords: ['template'], license: 'MIT', requires: { mitt: '^3.0.0' }, dependencies: { ms: '^2.1.3' } },
    size: 6, unpackedSize: 6, files: 1, tree: hash, chunks: [hash], readme: { path: 'README.md', excerpt: '# Kit' }, origin: { registry: 'npm' },
  });
  device.write('tag', { name: '@golden/kit', tag: 'next', version: '1.2.3-beta.1' });
  device.write('retract', { name: '@golden/kit', version: '1.2.3-beta.1', how: 'deprecate', reason: 'use 2' });
  device.write('claim', { scope: 'golden' });
  device.write('endorse', { name: 'mitt', version: '3.0.1', cid: blobCid(hash) });
  device.write('star', { name: 'mitt', on: true });
  device.writeBytes('hologram', blob, { later: [1, 2, { x: null }] });
  const last = root.write('revoke', { key: device.key, lastSeq: 7, lastHash: (device.records[7] as { hash: Uint8Array }).hash });
  next.write('rotate', { rootKey: root.key, nextRootHash: sha256Of(signerOf(seedFrom('golden/third')).publicKey), from: { key: root.key, lastSeq: last.fields.seq, lastHash: last.hash } });
  return [root, device, next, siteLog(root.key, blobCid(hash))];
}

/** A site log with every kind that only it has. */
function siteLog(publisher: KeyId, cid: string): LogWriter {
  const site = new LogWriter('golden/site');
  const hash = '0123456789abcdef'.repeat(4);
  site.write('inception', { rootKey: site.key });
  site.write('account', { id: 'ada', name: 'Ada Lovelace', role: 'publisher' });
  site.write('token', { id: hash.slice(0, 16), account: 'ada', hash, scopes: ['read', 'publish'], expires: epoch + 86_400_000, name: 'ci' });
  site.write('token-revoke', { id: hash.slice(0, 16) });
  site.write('bind', { names: ['@golden/*', '@golden/kit', 'mitt'], publisher, by: 'sight' });
  site.write('unbind', { name: '@golden/*' });
  site.write('ban', { subject: { type: 'peer', id: '12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf' }, until: epoch + 3_600_000, reason: 'floods' });
  site.write('unban', { subject: { type: 'publisher', id: publisher } });
  site.write('takedown', { subject: { type: 'version', name: '@golden/kit', version: '1.2.3-beta.1', cids: [cid] }, reason: 'by court order' });
  return site;
}

test.each(golden.map((one) => [one.kind, one] as const))('a version 1 record of kind %s verifies for ever', (kind, one) => {
  const record = verify(fromWire(one.record));
  expect(toHex(record.hash)).toBe(one.hash);
  expect(record.fields.kind).toBe(kind);
  expect(readFact(record)?.kind).toBe(kind in bodies ? kind : undefined);
});

test('every kind has a golden record', () => {
  expect(golden.map((one) => one.kind)).toEqual(expect.arrayContaining(Object.keys(bodies) as RecordKind[]));
});

test('signing the same facts today gives the same bytes', () => {
  const today = signedToday().flatMap((writer) => writer.records).map((record) => ({ kind: record.fields.kind, hash: toHex(record.hash), record: toWire(record) }));
  expect(today).toEqual(golden);
  expect(epoch).toBe(1_767_225_600_000);
});
