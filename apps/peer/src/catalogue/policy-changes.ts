import { readFact, type Catalogue, type Fact, type KeyId, type LogStore, type TakedownSubject } from '@souk/domain';
import type { SiteLog } from '../site-log/site-log.ts';
import { Pace } from '../pace.ts';
import { ChangePage, type Changes, type ToldChanges } from './change-page.ts';
import { rootKeysOf } from './root-keys.ts';
import { packagesOf, packagesUnder } from './touched-packages.ts';

/** Where decisions and the packages that they touch are read. */
export interface PolicySource {
  readonly siteLog: Pick<SiteLog, 'records' | 'length'>;
  readonly logs: Pick<LogStore, 'read' | 'about' | 'subjects' | 'fork'>;
  readonly catalogue: Catalogue;
}

const batch = 100;
/** Names of a scope that are read at once. */
const scopePage = 500;
/** A cursor is the number of records that are read, times this, and how many packages of the next record. */
const steps = 2 ** 20;

/** The cursor of whoever has read so many records of a site log. */
export const decisionCursor = (records: number): number => records * steps;
/** How many records of a site log are read whole at a cursor. */
export const decisionsRead = (cursor: number): number => Math.floor(cursor / steps);

/**
 * The packages touched by what the site log decided after a cursor, as they are now, each once; like `changesAfter`, along the site log. A ban
 * that ends by itself is in the site log too, so a projection needs no clock.
 */
export async function policyChangesAfter(source: PolicySource, after: number, limit: number): Promise<Changes> {
  return (await toldByPolicy(source, after, limit)).changes;
}

/** `policyChangesAfter` with what it tells of each package; they have no places. */
export async function toldByPolicy(source: PolicySource, after: number, limit: number): Promise<ToldChanges> {
  const pace = new Pace();
  const page = new ChangePage(source.catalogue, limit);
  const end = source.siteLog.length;
  let [seq, done] = [decisionsRead(after), after % steps];
  const answer = (caughtUp: boolean): ToldChanges => ({ changes: page.changes(decisionCursor(seq) + done, caughtUp), told: page.told });
  while (seq < end) {
    for (const record of await source.siteLog.records(seq, batch)) {
      for (const name of (await touchedBy(source, readFact(record))).slice(done, steps - 1)) {
        await pace.step();
        if (!(await page.add(name))) return answer(false);
        done += 1;
      }
      [seq, done] = [record.fields.seq + 1, 0];
    }
  }
  return answer(true);
}

/** The packages that a decision may change, in ascending order. A first sight changes nothing: it says what was so already. */
async function touchedBy(source: PolicySource, fact: Fact | undefined): Promise<readonly string[]> {
  if (fact?.kind === 'bind') return fact.body.by === 'policy' ? expanded(source, fact.body.names) : [];
  if (fact?.kind === 'unbind') return expanded(source, [fact.body.name]);
  if (fact?.kind === 'ban' || fact?.kind === 'unban') return packagesBy(source, fact.body.subject);
  if (fact?.kind !== 'takedown') return [];
  const { subject } = fact.body;
  if (subject.type === 'record') return packagesByRecord(source, subject);
  return subject.type === 'version' ? [subject.name] : [...(subject.names ?? [])].sort();
}

async function expanded({ catalogue }: PolicySource, names: readonly string[]): Promise<string[]> {
  const all = new Set<string>();
  for (const name of names) {
    if (name.endsWith('/*')) await takeScope(catalogue, name.slice(0, -1), all);
    else all.add(name);
  }
  return [...all].sort();
}

/** Adds all names that are published under a prefix. */
async function takeScope(catalogue: Catalogue, prefix: string, into: Set<string>): Promise<void> {
  for (let after = prefix; ; ) {
    const names = await catalogue.names(after, scopePage);
    for (const name of names) if (name.startsWith(prefix)) into.add(name);
    const last = names.at(-1);
    if (names.length < scopePage || last === undefined || !last.startsWith(prefix)) return;
    after = last;
  }
}

async function packagesBy({ logs }: PolicySource, { type, id }: { readonly type: 'peer' | 'publisher' | 'key'; readonly id: string }): Promise<string[]> {
  const names = new Set<string>();
  const always = Number.POSITIVE_INFINITY;
  if (type === 'key') await packagesOf(logs, id as KeyId, always, names);
  if (type === 'publisher') for (const root of await rootKeysOf(logs, id as KeyId)) await packagesUnder(logs, root, always, names);
  return [...names].sort();
}

/** What a record of a root said of keys can't be read any more, so all packages of its keys may change. */
async function packagesByRecord({ logs }: PolicySource, { key, names = [] }: Extract<TakedownSubject, { type: 'record' }>): Promise<string[]> {
  const all = new Set<string>(names);
  if (names.length === 0) await packagesUnder(logs, key, Number.POSITIVE_INFINITY, all);
  return [...all].sort();
}
