import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { contractsOfToday, errorsOfToday, incompatibilities, type Released, type ReleasedContract } from '@souk/testing/skew';
import { z } from 'zod';
import { VersionDoc } from './package-docs.ts';
import { SearchQuery } from './search.ts';

const folder = new URL('../released/', import.meta.url);
const released = readdirSync(folder).map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Released);

test.each(released.map((one) => [one.version, one] as const))('what %s writes is read today, and what is written today was read then', (_version, one) => {
  expect(incompatibilities(one, contractsOfToday(), errorsOfToday)).toEqual([]);
});

const answer = 'request souk.peer.{ordinal}.v1.version answer';
const query = 'request souk.search.v1.query input';

/** Changes that would break a site of two versions, and how the check says so. */
const planted: [string, string, z.ZodType | undefined, RegExp][] = [
  ['a new field that readers insist on', answer, VersionDoc.extend({ licence: z.string() }), /today does not read what .* writes: licence/],
  ['a field that is written no more', answer, VersionDoc.omit({ tree: true }), /does not read what today writes: .*'tree'/],
  ['a field that may be absent now', answer, VersionDoc.partial({ cid: true }), /does not read what today writes: .*'cid'/],
  ['another type', answer, VersionDoc.extend({ size: z.string() }), /today does not read what .* writes: size/],
  ['one more word where readers know them all', answer, VersionDoc.extend({ kind: z.enum(['template', 'package', 'image']) }), /does not read what today writes: \/kind/],
  ['a lower limit', query, SearchQuery.extend({ q: z.string().max(5).default('') }), /today does not read what .* writes: q/],
  ['a reader that refuses what it does not know', query, z.strictObject(SearchQuery.shape), /once a later version adds a field/],
  ['a subject that nobody serves any more', query, undefined, /is gone/],
];

/** The released version as if it had had these contracts only: what is not changed is compared above. */
const only = (one: Released, ...names: readonly string[]): Released => ({ ...one, contracts: Object.fromEntries(names.map((name) => [name, one.contracts[name] as ReleasedContract])) });

test.each(planted)('%s is noticed', (_what, name, schema, words) => {
  const today = new Map(contractsOfToday());
  if (schema) today.set(name, schema);
  else today.delete(name);
  for (const one of released) expect(incompatibilities(only(one, name), today, errorsOfToday).join('\n')).toMatch(words);
});

test('what may be added: optional fields, and fields with a default', () => {
  const today = new Map(contractsOfToday());
  today.set(answer, VersionDoc.extend({ badge: z.string().optional() }));
  today.set(query, SearchQuery.extend({ fuzzy: z.boolean().default(false) }));
  for (const one of released) expect(incompatibilities(only(one, answer, query), today, errorsOfToday)).toEqual([]);
});

test('an error code that means something else is noticed', () => {
  for (const one of released) expect(incompatibilities(only(one), new Map(), { ...errorsOfToday, TIMEOUT: { http: 408, exit: 6, retry: true } })).toEqual([expect.stringContaining('TIMEOUT')]);
});
