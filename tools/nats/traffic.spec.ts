import { expect, test } from '@jest/globals';
import * as contracts from '@souk/contracts';
import { globSync, readFileSync } from 'node:fs';
import { contractUses, type ContractUses } from './contract-uses.ts';

const { serviceNames, traffic } = contracts;
const exported: Readonly<Record<string, unknown>> = contracts;

type AnyContract = { readonly type: 'request' | 'stream' | 'event'; readonly subject: string };
const isAnyContract = (value: unknown): value is AnyContract => typeof value === 'object' && value !== null && 'subject' in value && 'type' in value;
const contractOf = (name: string): AnyContract => {
  const value = exported[name];
  if (!isAnyContract(value)) throw new Error(`${name} is no contract`);
  return value;
};
const usesIn = (source: string): ContractUses => contractUses(source, (name) => isAnyContract(exported[name]));
const sorted = (subjects: Iterable<string>): string[] => [...new Set(subjects)].sort();

/** What the sources of an app do with contracts; its specs and what they stand on do more. */
function trafficOf(app: string): Record<'serves' | 'calls' | 'listens' | 'emits', string[]> {
  const files = globSync(`apps/${app}/src/**/*.ts`).filter((file) => !file.endsWith('.spec.ts') && !file.includes('/testing/'));
  const uses = files.map((file) => usesIn(readFileSync(file, 'utf8')));
  const sent = uses.flatMap(({ sends }) => sends).map(contractOf);
  return {
    serves: sorted(uses.flatMap(({ serves }) => serves.map((name) => contractOf(name).subject))),
    calls: sorted(sent.filter(({ type }) => type !== 'event').map(({ subject }) => subject)),
    listens: sorted(uses.flatMap(({ listens }) => listens.map((name) => contractOf(name).subject))),
    emits: sorted(sent.filter(({ type }) => type === 'event').map(({ subject }) => subject)),
  };
}

test.each(serviceNames)('%s serves, calls, hears and emits what the table of traffic says', (name) => {
  const row: contracts.Traffic = traffic[name];
  const subjects = (list: readonly { subject: string }[]): string[] => sorted(list.map(({ subject }) => subject));
  expect(trafficOf(name)).toEqual({ serves: subjects(row.serves), calls: subjects(row.calls), listens: subjects(row.listens), emits: subjects(row.emits) });
});

test('a contract is seen however it is used', () => {
  const source = `
import { readStars, readLog as log, suggest, headMoved, maxAppend, type SearchQuery } from '@souk/contracts';
import { readProof } from './elsewhere.ts';
import type { readSelf } from 'other';
const table = { later: readStars };
export class C {
  @Handles(log) a(x = suggest) { return this.rpc.call(readProof, maxAppend); }
  @Listens(headMoved, { queue: 'q' }) b() {}
  headMoved() { return { headMoved: this.headMoved }; }
}`;
  expect(usesIn(source)).toEqual({ serves: ['readLog'], listens: ['headMoved'], sends: ['readStars', 'suggest'] });
});

test('a contract that is both served and sent is seen as both', () => {
  const source = "import { suggest } from '@souk/contracts';\nclass C { @Streams(suggest) a() { return rpc.stream(suggest, {}); } }";
  expect(usesIn(source)).toEqual({ serves: ['suggest'], listens: [], sends: ['suggest'] });
});

test('an import of everything would hide what is used, and is refused', () => {
  expect(() => usesIn("import * as all from '@souk/contracts';\nrpc.call(all.suggest);")).toThrow('by their names');
});
