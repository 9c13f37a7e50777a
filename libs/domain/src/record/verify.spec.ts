import * as dagCbor from '@ipld/dag-cbor';
import { expect, test } from '@jest/globals';
import { LogWriter, author } from '@souk/testing/builders';
import { seedFrom, signerOf } from './ed25519.ts';
import { bodyCidOf } from '../id/cid.ts';
import type { SoukError } from '../errors/souk-error.ts';
import { signedBytes, verify } from './verify.ts';

const signer = signerOf(seedFrom('verify'));
const empty = dagCbor.encode({});

function header(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { v: 1, key: signer.publicKey, seq: 0, prev: null, kind: 'star', clock: 1, at: 1, bodyCid: bodyCidOf(empty), bodySize: empty.length, ext: {}, ...changes };
}

function code(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as SoukError).code;
  }
  return 'accepted';
}

function signed(bytes: Uint8Array, body: Uint8Array | undefined = empty): { header: Uint8Array; signature: Uint8Array; body?: Uint8Array } {
  return { header: bytes, signature: signer.sign(signedBytes(bytes)), body };
}

test('a signed record is read back field by field, over the bytes as received', () => {
  const record = verify(signed(dagCbor.encode(header({ seq: 3, prev: new Uint8Array(32), clock: 9 }))));
  expect(record.fields).toMatchObject({ seq: 3, clock: 9, kind: 'star', v: 1 });
  expect(record.key).toMatch(/^z6Mk/);
});

test('a record survives without its body, and with fields and ext that this version does not know', () => {
  const bytes = dagCbor.encode(header({ later: { x: 1 }, ext: { note: 'kept' } }));
  const record = verify({ header: bytes, signature: signer.sign(signedBytes(bytes)) });
  expect(record.fields.ext).toEqual({ note: 'kept' });
  expect(record.body).toBeUndefined();
});

test.each([
  ['a byte of the header', (r: ReturnType<typeof signed>) => { r.header[20] = (r.header[20] as number) ^ 1; }],
  ['a byte of the signature', (r: ReturnType<typeof signed>) => { r.signature[3] = (r.signature[3] as number) ^ 1; }],
])('changing %s is refused', (_what, change) => {
  const record = signed(dagCbor.encode(header()));
  change(record);
  expect(['BAD_SIGNATURE', 'BAD_RECORD']).toContain(code(() => verify(record)));
});

test('a signature without the domain prefix is refused', () => {
  const bytes = dagCbor.encode(header());
  expect(code(() => verify({ header: bytes, signature: signer.sign(bytes), body: empty }))).toBe('BAD_SIGNATURE');
});

test('a body other than the one named is refused, by size and by hash', () => {
  const bytes = dagCbor.encode(header());
  expect(code(() => verify(signed(bytes, dagCbor.encode({ a: 1 }))))).toBe('BAD_RECORD');
  expect(code(() => verify(signed(bytes, Uint8Array.of(0xa1))))).toBe('BAD_RECORD');
});

test.each<[string, Record<string, unknown>]>([
  ['a negative seq', { seq: -1, prev: new Uint8Array(32) }],
  ['prev missing after seq 0', { seq: 1 }],
  ['prev at seq 0', { prev: new Uint8Array(32) }],
  ['clock 0', { clock: 0 }],
  ['a fractional clock', { clock: 1.5 }],
  ['a key of 31 bytes', { key: new Uint8Array(31) }],
  ['a kind with capitals', { kind: 'Star' }],
  ['a body size beyond the limit', { bodySize: 70_000 }],
  ['a body cid that is text', { bodyCid: 'bafy' }],
  ['an ext that is a list', { ext: [] }],
  ['version 0', { v: 0 }],
])('%s is refused', (_what, changes) => {
  expect(code(() => verify(signed(dagCbor.encode(header(changes)))))).toBe('BAD_RECORD');
});

test('a higher version asks for an upgrade instead of guessing', () => {
  expect(code(() => verify(signed(dagCbor.encode({ v: 2, everything: 'else' }))))).toBe('UPGRADE_NEEDED');
});

test('twins by encoding are refused: keys out of order, long integers, indefinite lengths, trailing bytes', () => {
  const good = dagCbor.encode({ a: 1, b: 2 });
  const outOfOrder = Uint8Array.of(0xa2, 0x61, 0x62, 0x02, 0x61, 0x61, 0x01);
  const longInteger = Uint8Array.of(0xa1, 0x61, 0x61, 0x18, 0x01);
  const indefinite = Uint8Array.of(0xbf, 0x61, 0x61, 0x01, 0xff);
  const twice = Uint8Array.of(0xa2, 0x61, 0x61, 0x01, 0x61, 0x61, 0x02);
  for (const bytes of [outOfOrder, longInteger, indefinite, twice, Uint8Array.of(...good, 0)]) expect(code(() => verify(signed(bytes)))).toBe('BAD_RECORD');
});

test('a header beyond 4 KiB is refused before it is decoded', () => {
  expect(code(() => verify(signed(dagCbor.encode(header({ ext: { fill: 'x'.repeat(5000) } })))))).toBe('BAD_RECORD');
});

test('keys on which libraries disagree are refused: small order and non-canonical', () => {
  const hostile = [
    '0100000000000000000000000000000000000000000000000000000000000000',
    '0000000000000000000000000000000000000000000000000000000000000000',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '0100000000000000000000000000000000000000000000000000000000000080',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  ];
  for (const key of hostile) expect(code(() => verify(signed(dagCbor.encode(header({ key: Buffer.from(key, 'hex') })))))).toBe('BAD_SIGNATURE');
});

test('a signature whose S is out of range is refused although it solves the equation', () => {
  const record = signed(dagCbor.encode(header()));
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  let s = BigInt(`0x${Buffer.from(record.signature.subarray(32)).reverse().toString('hex')}`) + order;
  for (let i = 32; i < 64; i += 1, s >>= 8n) record.signature[i] = Number(s & 255n);
  expect(code(() => verify(record))).toBe('BAD_SIGNATURE');
});

test('writers chain their records', () => {
  const writer = new LogWriter('chain');
  const first = writer.write('star', { name: 'x', on: true });
  const second = writer.write('star', { name: 'x', on: false });
  expect(second.fields).toMatchObject({ seq: 1, clock: 2 });
  expect(second.fields.prev).toEqual(first.hash);
  expect(author('ada').records).toHaveLength(3);
});

test('a record that was signed here is the very one that its bytes give', () => {
  const writer = new LogWriter('signed here');
  for (const ext of [{}, { later: [1, { b: 1, a: 2 }] }]) {
    const record = writer.writeBytes('note', Uint8Array.of(0x80), ext);
    expect(record).toEqual(verify(record));
    expect(Object.keys(record).sort()).toEqual(Object.keys(verify(record)).sort());
  }
});
