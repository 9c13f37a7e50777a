import { readFact, type Catalogue, type Fact, type KeyId, type LogStore } from '@souk/domain';
import { namesIn } from '../site-log/scope-owner.ts';
import type { SiteLog } from '../site-log/site-log.ts';
import { Pace } from '../pace.ts';
import { ChangePage, type Changes } from './change-page.ts';
import { rootKeysOf } from './root-keys.ts';
import { packagesOf, packagesUnder } from './touched-packages.ts';

/** Where decisions and the packages that they touch are read. */
export interface PolicySource {
  readonly siteLog: Pick<SiteLog, 'records' | 'length'>;
  readonly logs: Pick<LogStore, 'read' | 'about' | 'subjects' | 'fork'>;
  readonly catalogue: Catalogue;
}

const batch = 100;
/** A cursor is the number of records that are read, times this, and how many packages of the next record. */
const steps = 2 ** 20;

/**
 * The packages touched by what the site log decided after a cursor, as they are now, each once; like `changesAfter`, along the site log. A ban
 * that ends by itself is in the site log too, so a projection needs no clock.
 */
export async function policyChangesAfter(source: PolicySource, after: number, limit: number): Promise<Changes> {
  const pace = new Pace();
  const page = new ChangePage(source.catalogue, limit);
  const end = source.siteLog.length;
  let [seq, done] = [Math.floor(after / steps), after % steps];
  const answer = (caughtUp: boolean): Changes => page.changes(seq * steps + done, caughtUp);
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
  if (fact?.kind !== 'takedown' || fact.body.subject.type === 'record') return [];
  const { subject } = fact.body;
  return subject.type === 'version' ? [subject.name] : [...(subject.names ?? [])].sort();
}

async function expanded({ catalogue }: PolicySource, names: readonly string[]): Promise<string[]> {
  const all = new Set<string>();
  for (const name of names) for (const one of name.endsWith('/*') ? await namesIn(catalogue, name) : [name]) all.add(one);
  return [...all].sort();
}

async function packagesBy({ logs }: PolicySource, { type, id }: { readonly type: 'peer' | 'publisher' | 'key'; readonly id: string }): Promise<string[]> {
  const names = new Set<string>();
  const always = Number.POSITIVE_INFINITY;
  if (type === 'key') await packagesOf(logs, id as KeyId, always, names);
  if (type === 'publisher') for (const root of await rootKeysOf(logs, id as KeyId)) await packagesUnder(logs, root, always, names);
  return [...names].sort();
}
