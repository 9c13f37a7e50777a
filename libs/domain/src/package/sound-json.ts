/** Keys that would reach an object's prototype in careless code; no document that Souk reads needs them. */
export const prototypeKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const [quote, backslash, colon] = [0x22, 0x5c, 0x3a];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/** The index behind the string that begins at a quote; the end of the text when it has none. */
function afterString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === backslash) at++;
    else if (code === quote) return at + 1;
  }
  return text.length;
}

/** How many colons stand outside of strings: one for each key, in JSON. Undefined when it is nested deeper than allowed. */
function countColons(text: string, maxDepth: number): number | undefined {
  let [colons, depth, at] = [0, 0, 0];
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = afterString(text, at);
      continue;
    }
    if (code === colon) colons++;
    else if (code === openBrace || code === openBracket) {
      if (++depth > maxDepth) return undefined;
    } else if (code === closeBrace || code === closeBracket) depth--;
    at++;
  }
  return colons;
}

/** How many keys the objects of a value have together; not a number when one of them is a prototype key. */
function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + countKeys(one), 0);
  let keys = 0;
  for (const [key, one] of Object.entries(value)) keys += prototypeKeys.has(key) ? Number.NaN : 1 + countKeys(one);
  return keys;
}

/**
 * The value of JSON in which nothing is to be refused, by the engine's own parser, which is many times as fast as one that says where something is
 * wrong; undefined for any other, and when in doubt. Nesting is counted before anything is parsed. A key that appears twice in an object leaves more
 * colons in the text than keys in the value.
 */
export function parseSound(bytes: Uint8Array, maxDepth: number): { readonly value: unknown } | undefined {
  const text = utf8.decode(bytes);
  if (text.includes('\ufffd')) return undefined;
  const colons = countColons(text, maxDepth);
  if (colons === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return countKeys(value) === colons ? { value } : undefined;
  } catch {
    return undefined;
  }
}
