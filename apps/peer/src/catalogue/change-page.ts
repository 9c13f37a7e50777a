import type { PackageSummary } from '@souk/contracts';
import type { Catalogue, PackageName } from '@souk/domain';
import { MessageBudget } from '../message-budget.ts';
import type { ChangePlace } from './change-place.ts';
import { packageSummary } from './package-summary.ts';

/** A page of changes; `next` is the cursor to go on from. */
export interface Changes {
  readonly packages: PackageSummary[];
  readonly gone: PackageName[];
  readonly next: number;
  readonly caughtUp: boolean;
}

/** A package as it is now, without a summary when nothing of it can be installed, and the last place at which a page tells it. */
export interface ToldPackage extends ChangePlace {
  readonly name: PackageName;
  readonly summary?: PackageSummary;
  /** The summary as JSON. */
  readonly text?: string;
}

/** A page of changes with the places at which its packages are told. */
export interface ToldChanges {
  readonly changes: Changes;
  readonly told: readonly ToldPackage[];
}

const nowhere: ChangePlace = { arrival: 0, nth: 0 };

/** What is told of a package, at no place. */
export function toldOf(name: string, summary: PackageSummary | undefined): ToldPackage {
  return { name: name as PackageName, ...nowhere, ...(summary ? { summary, text: JSON.stringify(summary) } : {}) };
}

/** Collects changed packages, each once, until the page is full. */
export class ChangePage {
  readonly #told = new Map<string, ToldPackage>();
  readonly #budget = new MessageBudget();
  readonly #catalogue: Pick<Catalogue, 'package'>;
  readonly #limit: number;

  constructor(catalogue: Pick<Catalogue, 'package'>, limit: number) {
    this.#catalogue = catalogue;
    this.#limit = limit;
  }

  /** Everything that was added, in that order. */
  get told(): readonly ToldPackage[] {
    return [...this.#told.values()];
  }

  /** Adds a package as it is now; false, and nothing added, when the page is full. */
  async add(name: string, place: ChangePlace = nowhere): Promise<boolean> {
    const known = this.#told.get(name);
    if (!known && this.#told.size >= this.#limit) return false;
    const told = known ?? toldOf(name, packageSummary(await this.#catalogue.package(name)));
    if (!known && !this.#budget.takesText(told.text ?? name)) return false;
    this.#told.set(name, { ...told, arrival: place.arrival, nth: place.nth });
    return true;
  }

  /** The page as it is answered. */
  changes(next: number, caughtUp: boolean): Changes {
    const { told } = this;
    return { packages: told.flatMap(({ summary }) => summary ?? []), gone: told.flatMap(({ name, summary }) => (summary ? [] : [name])), next, caughtUp };
  }
}
