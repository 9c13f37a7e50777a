import type { PackageSummary, SearchQuery } from '@souk/contracts';
import type { NameBeginnings } from './name-beginnings.ts';

/** What documents are ordered by, by their numbers. */
export interface Ordered {
  /** All numbers are below this. */
  readonly size: number;
  doc(id: number): PackageSummary;
  /** How well it fits; higher is better. */
  score(id: number): number;
  readonly names: Pick<NameBeginnings, 'beginsWith' | 'compare'>;
}

type Compare = (a: number, b: number) => number;

function relevance(ids: Int32Array, q: string, { doc, score, size, names }: Ordered, byName: Compare): Compare {
  const exact = q.trim().toLowerCase();
  const begins = exact === '' ? () => 'no' : names.beginsWith(exact);
  const rank = (id: number): number => {
    const told = begins(id);
    if (told !== 'look') return told === 'yes' ? 1 : 2;
    const { name } = doc(id);
    return name === exact ? 0 : name.startsWith(exact) ? 1 : 2;
  };
  // A score is below 1,000: at most twelve words, each below 30.
  const keys = new Float64Array(size);
  for (const id of ids) keys[id] = rank(id) * 1000 - score(id);
  return (a, b) => (keys[a] as number) - (keys[b] as number) || byName(a, b);
}

/** The comparison of a sort: ties by name, so that pages never overlap. Relevance puts the very name first, then names that begin so. */
export function ordering(sort: SearchQuery['sort'], q: string, ids: Int32Array, ordered: Ordered): Compare {
  const { doc, names } = ordered;
  const byName: Compare = (a, b) => {
    const beginning = names.compare(a, b);
    if (beginning !== 0) return beginning;
    const [left, right] = [doc(a).name, doc(b).name];
    return left < right ? -1 : left > right ? 1 : 0;
  };
  const descending = (value: (one: PackageSummary) => number | string): Compare => (a, b) => {
    const [left, right] = [value(doc(a)), value(doc(b))];
    return left < right ? 1 : left > right ? -1 : byName(a, b);
  };
  switch (sort) {
    case 'updated':
      return descending((one) => one.updatedAt);
    case 'stars':
      return descending((one) => one.stars);
    case 'downloads':
      return descending((one) => one.downloads);
    case 'name':
      return byName;
    default:
      return relevance(ids, q, ordered, byName);
  }
}
