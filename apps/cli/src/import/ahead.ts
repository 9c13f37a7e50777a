/**
 * The same values, each asked for before the one ahead of it is used up: while the reader waits for the disk of a site, the next is made.
 * At most one value waits. A reader that stops ends the source.
 */
export async function* oneAhead<T>(source: AsyncGenerator<T, void, undefined>): AsyncGenerator<T, void, undefined> {
  const ask = (): Promise<IteratorResult<T, void>> => {
    const next = source.next();
    // Whoever reads on hears of a failure; one that comes while nobody waits must not end the process.
    next.catch(() => undefined);
    return next;
  };
  let next = ask();
  try {
    for (;;) {
      const current = await next;
      if (current.done) return;
      next = ask();
      yield current.value;
    }
  } finally {
    await next.catch(() => undefined);
    await source.return();
  }
}
