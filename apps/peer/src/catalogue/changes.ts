import type { PackageSummary } from '@souk/contracts';
import { Catalogue, noPolicy, type CataloguePolicy, type LogStore, type PackageName } from '@souk/domain';
import { MessageBudget } from '../message-budget.ts';
import { Pace } from '../pace.ts';
import { packageSummary } from './package-summary.ts';
import { rememberingLogs } from './remembering-logs.ts';
import { touchedPackages } from './touched-packages.ts';

/** A page of changes; `next` is the cursor to go on from. */
export interface Changes {
  readonly packages: PackageSummary[];
  readonly gone: PackageName[];
  readonly next: number;
  readonly caughtUp: boolean;
}

type Logs = Pick<LogStore, 'size' | 'since' | 'read' | 'about' | 'subjects' | 'fork'>;

/** Most records that one page looks at. */
const maxRecords = 2000;
const batch = 50;

/** Where a cursor points: behind `arrival`, and when that record touches many packages, behind the first `done` of the next record's. */
interface Position {
  readonly arrival: number;
  readonly done: number;
}

const inside = 2 ** 52;
const steps = 2 ** 20;

/** A cursor is the arrival that is read, or a number from 2^52 on for a place inside the packages of the record after it. */
function cursorOf({ arrival, done }: Position): number {
  return done === 0 ? arrival : inside + arrival * steps + done;
}

function positionOf(cursor: number): Position {
  if (cursor < inside) return { arrival: cursor, done: 0 };
  return { arrival: Math.floor((cursor - inside) / steps), done: (cursor - inside) % steps };
}

/** Collects changed packages, each once, until the page is full. */
export class Page {
  readonly packages: PackageSummary[] = [];
  readonly gone: PackageName[] = [];
  readonly #seen = new Set<string>();
  readonly #budget = new MessageBudget();
  readonly #catalogue: Catalogue;
  readonly #limit: number;

  constructor(catalogue: Catalogue, limit: number) {
    this.#catalogue = catalogue;
    this.#limit = limit;
  }

  /** Adds a package as it is now; false, and nothing added, when the page is full. */
  async add(name: string): Promise<boolean> {
    if (this.#seen.has(name)) return true;
    if (this.#seen.size >= this.#limit) return false;
    const summary = packageSummary(await this.#catalogue.package(name));
    if (!this.#budget.takes(summary ?? name)) return false;
    this.#seen.add(name);
    if (summary) this.packages.push(summary);
    else this.gone.push(name as PackageName);
    return true;
  }
}

/**
 * The packages touched by records that arrived after a cursor, as they are now, each once: at most `limit`, and no more than fit
 * into one message. `caughtUp` says that there was nothing more when the page was begun; what arrived since is for the next one.
 */
export async function changesAfter(logs: Logs, after: number, limit: number, policy: CataloguePolicy = noPolicy): Promise<Changes> {
  const pace = new Pace();
  const seen = rememberingLogs(logs);
  const page = new Page(new Catalogue(seen, policy), limit);
  const newest = (await logs.size()).arrival;
  let { arrival, done } = positionOf(after);
  const endOf = (caughtUp: boolean): Changes => ({ packages: page.packages, gone: page.gone, next: cursorOf({ arrival, done }), caughtUp });
  for (let looked = 0; arrival < newest && looked < maxRecords; looked += batch) {
    for (const stored of await logs.since(arrival, Math.min(batch, newest - arrival))) {
      for (const name of (await touchedPackages(seen, stored)).slice(done)) {
        await pace.step();
        if (!(await page.add(name))) return endOf(false);
        done += 1;
      }
      [arrival, done] = [stored.arrival, 0];
    }
  }
  return endOf(arrival >= newest);
}
