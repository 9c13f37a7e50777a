/** Does the same for all items, a few at a time, and answers the results in the items' order. */
export async function inParallel<T, R>(items: readonly T[], work: (item: T, at: number) => Promise<R>, limit = 3): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const at = next;
      next += 1;
      results[at] = await work(items[at] as T, at);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
