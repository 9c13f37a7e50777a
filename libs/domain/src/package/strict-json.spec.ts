import { expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import { SoukError } from '../errors/souk-error.ts';
import { parseSound } from './sound-json.ts';
import { parseStrictJson, parseTokens } from './strict-json.ts';

const limits = { maxBytes: 1 << 20 };

function errorOf(input: Uint8Array | string, more: object = {}): SoukError {
  try {
    parseStrictJson(input, { ...limits, ...more });
  } catch (error) {
    if (error instanceof SoukError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('reads what JSON.parse reads', () => {
  for (const text of ['{}', ' [1, -0.5e3, true, false, null] ', '"\\u00e9\\n\\ud83d\\ude00"', '{"a":{"b":[{}]},"":1}', '0', '{"é":"😀"}']) {
    expect(parseStrictJson(text, limits)).toEqual(JSON.parse(text));
  }
});

test('equals JSON.parse on every JSON value', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }).filter((text) => !/"(?:__proto__|constructor|prototype)":/.test(text)), (text) => {
      expect(parseStrictJson(text, limits)).toEqual(JSON.parse(text));
    }),
    { numRuns: 500 },
  );
});

test('accepts a mutilated text exactly when JSON.parse does, duplicate keys apart', () => {
  const tokens = fc.constantFrom('{', '}', '[', ']', ':', ',', '"a"', '"b"', '1', '01', '-', '1.', '1e', 'true', 'tru', 'null', ' ', '\n', '\t', "'", '"', '\\', '\u0001', '/**/');
  fc.assert(
    fc.property(fc.array(tokens, { maxLength: 9 }), (parts) => {
      const text = parts.join('');
      let value: unknown;
      try {
        value = parseStrictJson(text, limits);
      } catch (error) {
        expect(error).toMatchObject({ code: 'BAD_JSON' });
        if (!(error as SoukError).message.includes('twice')) expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
        return;
      }
      expect(value).toEqual(JSON.parse(text));
    }),
    { numRuns: 3000 },
  );
});

test('the short way takes what the long way takes, and nothing else', () => {
  const keys = fc.constantFrom('a', 'b', ':', '"', '\\\\"', '{"a":1}', '__proto__', 'é');
  const text = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('1', 'null', '":"', '"{\\""', '"\\\\"', '"\ufffd"', '[', ''),
      fc.array(tie('value'), { maxLength: 3 }).map((values) => `[${values.join(',')}]`),
      fc.array(fc.tuple(keys, tie('value')), { maxLength: 3 }).map((pairs) => `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`),
    ),
  })).value;
  let [sound, unsound] = [0, 0];
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 5 }), (json, maxDepth) => {
      const [bytes, short] = [new TextEncoder().encode(json), parseSound(new TextEncoder().encode(json), maxDepth)];
      let long: { readonly value: unknown } | undefined;
      try {
        long = { value: parseTokens(bytes, maxDepth) };
      } catch {
        long = undefined;
      }
      if (short) expect(long).toEqual(short);
      // A replacement character that was written is the one doubt in which the short way leaves it to the long one.
      if (long && !json.includes('\ufffd')) expect(short).toEqual(long);
      if (long) sound += 1;
      else unsound += 1;
    }),
    { numRuns: 2000 },
  );
  expect(Math.min(sound, unsound)).toBeGreaterThan(0);
});

test.each([
  ['{"a":1,\n "b":2,\n "a":3}', 3, 2, 'the key "a" appears twice in one object'],
  ['{"a":{"x":1,"\\u0078":2}}', 1, 13, 'the key "x" appears twice in one object'],
  ['[{"__proto__":{}}]', 1, 3, 'the key "__proto__" is not allowed'],
  ['{"\\u005f_proto__":1}', 1, 2, 'the key "__proto__" is not allowed'],
  ['{"a":{"constructor":{"prototype":{}}}}', 1, 7, 'the key "constructor" is not allowed'],
  ['{"a":1,}', 1, 8, '"}" is not expected here'],
  ['{\n  "é": 1\n  "b": 2\n}', 3, 3, '"\\"" is not expected here'],
  ['{"a" 1}', 1, 6, '"1" is not expected here'],
  ['[1,2', 1, 5, 'it ends too early'],
  ['', 1, 1, 'it ends too early'],
  ['"abc', 1, 5, 'it ends too early'],
  ['tru', 1, 4, 'it ends too early'],
  ['[tru]', 1, 5, '"]" is not expected here'],
  ['{"a":01}', 1, 7, '"1" is not expected here'],
  ['{} {}', 1, 4, '"{" is not expected here'],
  ["{'a':1}", 1, 2, '"\'" is not expected here'],
  ['[1] // no', 1, 5, '"/" is not expected here'],
])('says where %j is wrong', (text, line, column, message) => {
  const error = errorOf(text);
  expect(error.code).toBe('BAD_JSON');
  expect(error.details).toEqual({ line, column });
  expect(error.message).toBe(`The JSON is wrong at line ${line}, column ${column}: ${message}.`);
});

test('a value may be called like a prototype key, and one key may appear in several objects', () => {
  expect(parseStrictJson('{"a":"__proto__","b":[{"a":1},{"a":2}]}', limits)).toEqual({ a: '__proto__', b: [{ a: 1 }, { a: 2 }] });
});

test('skips a byte order mark', () => {
  expect(parseStrictJson(Uint8Array.of(0xef, 0xbb, 0xbf, 0x5b, 0x5d), limits)).toEqual([]);
  expect(parseStrictJson('\ufeff[]', limits)).toEqual([]);
});

test('refuses bytes that are not UTF-8, and keeps a written replacement character', () => {
  expect(errorOf(Uint8Array.of(0x22, 0xff, 0x22)).details).toEqual({ line: 1, column: 2 });
  expect(errorOf(Uint8Array.of(0x22, 0x61, 0xc3)).details).toEqual({ line: 1, column: 3 });
  expect(parseStrictJson('"\ufffd"', limits)).toBe('\ufffd');
});

test('allows exactly maxDepth levels and reads nothing deeper', () => {
  expect(parseStrictJson('['.repeat(32) + ']'.repeat(32), limits)).toEqual(JSON.parse('['.repeat(32) + ']'.repeat(32)));
  expect(errorOf('['.repeat(33) + ']'.repeat(33)).message).toContain('nested deeper than 32 levels');
  expect(errorOf('{"a":'.repeat(3), { maxDepth: 2 }).details).toEqual({ line: 1, column: 11 });
  expect(errorOf('['.repeat(1_000_000)).details).toEqual({ line: 1, column: 33 });
});

test('counts bytes, not characters', () => {
  expect(parseStrictJson('"é"', { maxBytes: 4 })).toBe('é');
  const error = errorOf('"é"', { maxBytes: 3 });
  expect(error).toMatchObject({ code: 'TOO_LARGE', details: { maxBytes: 3 } });
});
