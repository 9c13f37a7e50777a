import { test } from '@jest/globals';

/** A fresh, empty adapter of a port and how it goes away again; `cleanup` also works after the adapter was closed. */
export interface Opened<Store> {
  readonly store: Store;
  cleanup(): Promise<void>;
}

/** Makes a fresh adapter for one test. */
export type Open<Store> = () => Promise<Opened<Store>>;

/** What every adapter of a port must do: one test per sentence. */
export type Cases<Store> = Readonly<Record<string, (store: Store) => Promise<void>>>;

/** How a test is declared: `test`, or what skips it where something that it needs is missing. */
export type Declare = (name: string, check: () => Promise<void>) => void;

/** Declares a test for each case, each on an adapter of its own. */
export function declareSuite<Store>(name: string, open: Open<Store>, cases: Cases<Store>, declare: Declare = test): void {
  for (const [title, check] of Object.entries(cases)) {
    declare(`${name}: ${title}`, async () => {
      const { store, cleanup } = await open();
      try {
        await check(store);
      } finally {
        await cleanup();
      }
    });
  }
}
