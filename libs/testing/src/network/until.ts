/** Something that says when it may have changed; the answer ends it. */
export type Changes = (changed: () => void) => () => void;

/** Resolves as soon as `condition` holds; asks anew after each change of what it depends on. Never polls: the test's own timeout ends a vain wait. */
export async function until(condition: () => boolean | Promise<boolean>, ...dependsOn: readonly Changes[]): Promise<void> {
  let wake: (() => void) | undefined;
  let dirty = false;
  const changed = (): void => {
    dirty = true;
    wake?.();
  };
  const ends = dependsOn.map((changes) => changes(changed));
  try {
    for (;;) {
      dirty = false;
      if (await condition()) return;
      if (dirty) continue;
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      await promise;
    }
  } finally {
    for (const end of ends) end();
  }
}
