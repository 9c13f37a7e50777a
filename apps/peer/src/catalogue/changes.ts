import { Catalogue, noPolicy, subject, type ArrivedSubject, type CataloguePolicy, type LogStore } from '@souk/domain';
import { Pace } from '../pace.ts';
import { ChangePage, type Changes, type ToldChanges } from './change-page.ts';
import { cursorBefore, placeAfter } from './change-place.ts';
import { rememberingLogs } from './remembering-logs.ts';
import { touchedPackages } from './touched-packages.ts';

type Logs = Pick<LogStore, 'size' | 'since' | 'subjectsSince' | 'read' | 'about' | 'subjects' | 'fork'>;

/** Most records that one page looks at. */
const maxRecords = 10_000;
const batch = 200;

const ofPackage = subject.ofPackage('');
/** Subjects of records that change no package. */
const aside = [subject.ofEndorsements(''), subject.ofStars(''), subject.ofScope('')];

/** The packages that the record at a place may change, in ascending order; one that a record names is known without reading the record. */
async function touchedBy(logs: Pick<LogStore, 'since'>, seen: Parameters<typeof touchedPackages>[0], { arrival, subject: about }: ArrivedSubject): Promise<readonly string[]> {
  if (about?.startsWith(ofPackage)) return [about.slice(ofPackage.length)];
  if (about !== undefined && aside.some((prefix) => about.startsWith(prefix))) return [];
  const [stored] = await logs.since(arrival - 1, 1);
  return stored ? touchedPackages(seen, stored) : [];
}

/**
 * The packages touched by records that arrived after a cursor, as they are now, each once: at most `limit`, and no more than fit
 * into one message. A package is told where its newest record is, not at those before. `caughtUp` says that there was nothing more
 * when the page was begun; what arrived since is for the next one.
 */
export async function toldAfter(logs: Logs, after: number, limit: number, policy: CataloguePolicy = noPolicy): Promise<ToldChanges> {
  const pace = new Pace();
  const seen = rememberingLogs(logs);
  const page = new ChangePage(new Catalogue(seen, policy), limit);
  const newest = (await logs.size()).arrival;
  let { arrival, nth } = placeAfter(after);
  const last = Math.min(newest, arrival + maxRecords - 1);
  while (arrival <= last) {
    const end = Math.min(arrival + batch - 1, last);
    for (const one of await logs.subjectsSince(arrival - 1, end - arrival + 1)) {
      if (one.arrival > arrival) [arrival, nth] = [one.arrival, 0];
      for (const name of (await touchedBy(logs, seen, one)).slice(nth)) {
        await pace.step();
        if (!(await page.add(name, { arrival, nth }))) return { changes: page.changes(cursorBefore({ arrival, nth }), false), told: page.told };
        nth += 1;
      }
    }
    [arrival, nth] = [end + 1, 0];
    await pace.step();
  }
  return { changes: page.changes(cursorBefore({ arrival, nth }), arrival > newest), told: page.told };
}

/** `toldAfter` without the places. */
export async function changesAfter(logs: Logs, after: number, limit: number, policy: CataloguePolicy = noPolicy): Promise<Changes> {
  return (await toldAfter(logs, after, limit, policy)).changes;
}
