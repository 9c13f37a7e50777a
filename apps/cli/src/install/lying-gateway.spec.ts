import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ProvenResolution } from '@souk/contracts';
import { fromWire, keyId, readFact, seedFrom, sha256Of, sign, signerOf, toWire, verify, type ReleaseBody, type VerifiedRecord } from '@souk/domain';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SmallSite } from '../../fixtures/small-site.ts';
import { Workbench } from '../../fixtures/workbench.ts';

let bench: Workbench;
let site: SmallSite;
let before: Record<string, string>;

beforeEach(async () => {
  bench = await Workbench.open();
  site = bench.site;
  await bench.publish({ name: 'base', version: '1.0.0' });
  await bench.publish({ name: 'page', version: '1.0.0', dependencies: { base: '^1.0.0' } });
  await bench.publish({ name: 'other', version: '1.0.0' });
  await bench.publish({ name: 'kept', version: '1.0.0' });
  await bench.souk(['install', 'kept']);
  before = bench.tree();
});
afterEach(() => bench.close());

/** Installs `page`, expects that refusal and that the project is as it was. */
async function refused(code: string, says: RegExp): Promise<void> {
  const ran = await bench.souk(['install', 'page', '--json']);
  expect({ code: ran.json?.code, message: ran.json?.message }).toEqual({ code, message: expect.stringMatching(says) });
  expect(ran.code).not.toBe(0);
  expect(bench.tree()).toEqual(before);
}

/** Changes the answer to a resolution. */
function lie(change: (answer: ProvenResolution) => void): void {
  site.twists.postResolution = (answer: ProvenResolution) => {
    change(answer);
    return answer;
  };
}

const releaseIn = (answer: ProvenResolution, name: string): { at: number; record: VerifiedRecord; body: ReleaseBody } => {
  for (const [at, wire] of answer.proof.entries()) {
    const record = verify(fromWire(wire));
    const fact = readFact(record);
    if (fact?.kind === 'release' && fact.body.name === name) return { at, record, body: fact.body };
  }
  throw new Error(`no release of ${name}`);
};

/** A publisher of the liar's own: root and device logs with one release that says what the liar likes. */
function forged(body: ReleaseBody): { publisher: ReturnType<typeof keyId>; records: VerifiedRecord[] } {
  const [root, next, device] = ['liar/root', 'liar/next', 'liar/device'].map((name) => signerOf(seedFrom(name))) as [ReturnType<typeof signerOf>, ReturnType<typeof signerOf>, ReturnType<typeof signerOf>];
  const rootKey = keyId(root.publicKey);
  const first = sign('inception', { rootKey, nextRootHash: sha256Of(next.publicKey) }, { signer: root, head: undefined, clock: 0, at: 0 });
  const second = sign('delegate', { key: keyId(device.publicKey), name: 'x' }, { signer: root, head: { seq: 0, hash: first.hash }, clock: 1, at: 0 });
  const third = sign('inception', { rootKey }, { signer: device, head: undefined, clock: 2, at: 0 });
  const fourth = sign('release', body, { signer: device, head: { seq: 0, hash: third.hash }, clock: 3, at: 0 });
  return { publisher: rootKey, records: [first, second, third, fourth] };
}

test('the control: told the truth, page and base are installed', async () => {
  expect(Object.keys(before)).toContain('souk_modules/kept/package.json');
  expect((await bench.souk(['install', 'page'])).code).toBe(0);
  expect(readdirSync(join(bench.project, 'souk_modules')).sort()).toEqual(['base', 'kept', 'page']);
});

test('other bytes', async () => {
  site.twists.getBlob = (bytes: Uint8Array) => Uint8Array.from(bytes, (byte, at) => (at === bytes.length - 9 ? byte ^ 1 : byte));
  await refused('CID_MISMATCH', /^(page|base)@1\.0\.0: .*wrong/);
});

test('bytes that are cut, and bytes without end', async () => {
  site.twists.getBlob = (bytes: Uint8Array) => bytes.slice(0, -1);
  await refused('CID_MISMATCH', /only \d+ of \d+ bytes/);
  site.raws.getBlob = (_request, response) => {
    const pour = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    };
    response.writeHead(200).on('drain', pour).on('error', () => {});
    pour();
  };
  site.twists.getBlob = undefined;
  await refused('CID_MISMATCH', /more than the \d+ bytes that were signed/);
});

test('the bytes of another package that is signed as well', async () => {
  const cids = new Map<string, string>();
  for (const name of ['other', 'base']) cids.set(name, (await bench.souk(['info', `${name}@1.0.0`, '--json'])).json.cid);
  lie((answer) => {
    const { body } = releaseIn(answer, 'page');
    answer.packages.forEach((one) => {
      if (one.name === 'page') one.cid = cids.get('base') as typeof body.cid;
    });
  });
  await refused('UNTRUSTED_ANSWER', /page@1\.0\.0 comes without a signed release that names its bytes/);
});

test('a signature that is not right, a record that was altered, a body that was exchanged', async () => {
  const flip = (text: string): string => (text.startsWith('A') ? `B${text.slice(1)}` : `A${text.slice(1)}`);
  lie((answer) => answer.proof.splice(0, answer.proof.length, ...answer.proof.map((wire) => ({ ...wire, signature: flip(wire.signature) }))));
  await refused('BAD_SIGNATURE', /signature|signed/);
  lie((answer) => {
    const { at, record } = releaseIn(answer, 'page');
    const header = Uint8Array.from(record.header, (byte, index) => (index === record.header.length - 1 ? byte ^ 1 : byte));
    answer.proof[at] = toWire({ ...record, header });
  });
  await refused(expect.stringMatching(/BAD_(RECORD|SIGNATURE)/) as unknown as string, /./);
  lie((answer) => {
    const { at, record } = releaseIn(answer, 'page');
    answer.proof[at] = { ...toWire(record), body: toWire(releaseIn(answer, 'base').record).body };
  });
  await refused('BAD_RECORD', /body/);
});

test.each(['inception', 'delegate', 'release'])('a proof without the %s records', async (kind) => {
  lie((answer) => answer.proof.splice(0, answer.proof.length, ...answer.proof.filter((wire) => verify(fromWire(wire)).fields.kind !== kind)));
  await refused('UNTRUSTED_ANSWER', /@1\.0\.0/);
});

test('another publisher than signed it', async () => {
  const { publisher } = forged(await bodyOfPage());
  lie((answer) => answer.packages.forEach((one) => (one.publisher = publisher)));
  await refused('UNTRUSTED_ANSWER', /is signed for the publisher z6Mk\w+, not z6Mk/);
});

test('a name that is pinned to one publisher, well signed by another', async () => {
  expect((await bench.souk(['install', 'page'])).code).toBe(0);
  before = bench.tree();
  lie((answer) => {
    const { body } = releaseIn(answer, 'page');
    const { publisher, records } = forged(body);
    answer.proof.push(...records.map(toWire));
    answer.packages.forEach((one) => {
      if (one.name === 'page') one.publisher = publisher;
    });
  });
  await refused('PUBLISHER_CHANGED', /page was installed from z6Mk\w+ and is now offered by z6Mk/);
});

test('a locked version with other bytes, well signed', async () => {
  expect((await bench.souk(['install', 'page'])).code).toBe(0);
  before = bench.tree();
  const locked = JSON.parse(before['souk-lock.json'] ?? '') as { packages: { page: { cid: string } } };
  const otherCid = (await bench.souk(['info', 'other@1.0.0', '--json'])).json.cid as string;
  bench.write(bench.project, { 'souk-lock.json': (before['souk-lock.json'] ?? '').replace(locked.packages.page.cid, otherCid) });
  before = bench.tree();
  await refused('EQUIVOCATION', /page@1\.0\.0 is locked with the bytes/);
});

/** The honest answer to a resolution. */
async function resolution(dependencies: Record<string, string>): Promise<ProvenResolution> {
  return (await site.postResolution({ params: {}, query: new URLSearchParams(), body: Buffer.from(JSON.stringify({ dependencies })) })) as ProvenResolution;
}

async function bodyOfPage(): Promise<ReleaseBody> {
  for (const { record } of await site.logs.since(0, 100)) {
    const fact = readFact(record);
    if (fact?.kind === 'release' && fact.body.name === 'page') return fact.body;
  }
  throw new Error('page is not published');
}

test('a package too many, one too few, one twice, one that does not fit', async () => {
  const otherToo = await resolution({ other: '*' });
  lie((answer) => {
    answer.packages.push(...otherToo.packages);
    answer.proof.push(...otherToo.proof);
  });
  await refused('UNTRUSTED_ANSWER', /nothing requires other/);
  lie((answer) => answer.packages.splice(answer.packages.findIndex((one) => one.name === 'base'), 1));
  await refused('UNTRUSTED_ANSWER', /page@1\.0\.0 requires base@\^1\.0\.0, which is missing/);
  lie((answer) => answer.packages.push({ ...answer.packages[0] as ProvenResolution['packages'][0] }));
  await refused('UNTRUSTED_ANSWER', /is named twice/);
  await bench.publish({ name: 'base', version: '2.0.0' });
  const newer = await resolution({ base: '2.0.0' });
  lie((answer) => {
    answer.packages = [...answer.packages.filter((one) => one.name !== 'base'), ...newer.packages];
    answer.proof.push(...newer.proof);
  });
  await refused('UNTRUSTED_ANSWER', /page@1\.0\.0 requires base@\^1\.0\.0, but it gives 2\.0\.0/);
});

test('a key that was revoked before it signed; the control is the same key in good standing', async () => {
  const body = await bodyOfPage();
  const { publisher, records } = forged(body);
  const [, second, third] = records as [VerifiedRecord, VerifiedRecord, VerifiedRecord];
  const revoked = sign('revoke', { key: third.key, lastSeq: 0, lastHash: third.hash }, { signer: signerOf(seedFrom('liar/root')), head: { seq: 1, hash: second.hash }, clock: 5, at: 0 });
  const give = (answer: ProvenResolution, proof: readonly VerifiedRecord[]): void => {
    answer.proof.push(...proof.map(toWire));
    answer.packages.forEach((one) => {
      if (one.name === 'page') one.publisher = publisher;
    });
  };
  lie((answer) => give(answer, [...records, revoked]));
  await refused('UNTRUSTED_ANSWER', /page@1\.0\.0 is signed by the key z6Mk\w+ after its publisher revoked it/);
  lie((answer) => give(answer, records));
  expect((await bench.souk(['install', 'page'])).code).toBe(0);
});

test('another integrity or size than signed', async () => {
  lie((answer) => answer.packages.forEach((one) => (one.integrity = `sha512-${'A'.repeat(86)}==`)));
  await refused('UNTRUSTED_ANSWER', /another integrity/);
  lie((answer) => answer.packages.forEach((one) => (one.size += 1)));
  await refused('UNTRUSTED_ANSWER', /another size/);
});

test.each([
  ['manifest', (body: ReleaseBody) => ({ ...body, manifest: {} })],
  ['tree', (body: ReleaseBody) => ({ ...body, tree: sha256Of(body.tree) })],
  ['files', (body: ReleaseBody) => ({ ...body, files: body.files + 1 })],
  ['unpackedSize', (body: ReleaseBody) => ({ ...body, unpackedSize: 1 })],
  ['name', (body: ReleaseBody) => ({ ...body, name: 'page2' as ReleaseBody['name'], manifest: { ...body.manifest } })],
  ['version', (body: ReleaseBody) => ({ ...body, version: '1.0.1' as ReleaseBody['version'] })],
])('a publisher who signs another %s than the archive has', async (field, change) => {
  const body = change(await bodyOfPage());
  const { publisher, records } = forged(body);
  const honest = await resolution({ page: '*', kept: '*' });
  const { name, version, cid, integrity, size } = body;
  const rest = honest.packages.filter((one) => one.name === 'kept' || (one.name === 'base' && field !== 'manifest'));
  const answer = { ...honest, packages: [...rest, { name, version, cid, integrity, size, publisher, requires: {} }], proof: [...honest.proof, ...records.map(toWire)] };
  site.raws.postResolution = (_request, response) => void response.end(JSON.stringify(answer));
  const ran = await bench.souk(['install', name, '--json']);
  expect(ran.json).toMatchObject({ code: 'MANIFEST_MISMATCH', details: { fields: expect.arrayContaining([field]) } });
  expect(bench.tree()).toEqual(before);
});

test('answers that are no answers: too large, no JSON, another shape, a redirect, silence', async () => {
  site.raws.postResolution = (_request, response) => void response.end('<html>');
  await refused('UNTRUSTED_ANSWER', /is not JSON/);
  site.raws.postResolution = (_request, response) => void response.end('{"packages":[{"name":"../../etc"}],"tookMs":1,"proof":[]}');
  await refused('UNTRUSTED_ANSWER', /does not have the promised form/);
  site.raws.postResolution = (_request, response) => void response.writeHead(302, { location: 'http://elsewhere/' }).end();
  await refused('UNTRUSTED_ANSWER', /redirects to http:\/\/elsewhere/);
  site.raws.postResolution = (_request, response) => void response.writeHead(500).end('oops');
  await refused('UNAVAILABLE', /answered 500/);
  site.raws.postResolution = () => {};
  const silent = await bench.souk(['install', 'page', '--json'], { env: { SOUK_TIMEOUT: '0.05' } });
  expect(silent).toMatchObject({ code: 6, json: { code: 'TIMEOUT' } });
  site.raws.postResolution = (_request, response) => {
    const pour = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(1_048_576, ' ')));
    };
    response.on('drain', pour).on('error', () => {});
    pour();
  };
  await refused('UNTRUSTED_ANSWER', /more than 67108864 bytes/);
});

test('a proof that was kept here is worth nothing once it is altered', async () => {
  expect((await bench.souk(['install', 'page'])).code).toBe(0);
  const kept = join(bench.home, 'proofs');
  for (const shard of readdirSync(kept)) for (const file of readdirSync(join(kept, shard))) bench.write(join(kept, shard), { [file]: '[]' });
  const offline = await bench.souk(['install', '--json'], { env: { SOUK_SITE: 'http://127.0.0.1:1' } });
  expect(offline).toMatchObject({ code: 6, json: { code: 'UNAVAILABLE' } });
  expect(existsSync(join(bench.project, '.souk-install'))).toBe(false);
});
