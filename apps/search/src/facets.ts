import type { PackageSummary, SearchAnswer } from '@souk/contracts';

/** Most values that a facet lists. */
const maxValues = 12;

type Counts = Map<string, number>;

function count(counts: Counts, value: string | undefined): void {
  if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
}

function top(counts: Counts): { value: string; count: number }[] {
  return [...counts]
    .map(([value, number]) => ({ value, count: number }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, maxValues);
}

/** How a whole answer divides by kind, keyword and license: the most frequent values first. */
export function facetsOf(docs: readonly PackageSummary[]): SearchAnswer['facets'] {
  const [kind, keyword, license]: [Counts, Counts, Counts] = [new Map(), new Map(), new Map()];
  for (const doc of docs) {
    count(kind, doc.kind);
    count(license, doc.license);
    for (const one of doc.keywords) count(keyword, one);
  }
  return { kind: top(kind), keyword: top(keyword), license: top(license) };
}
