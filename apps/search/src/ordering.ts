import type { PackageSummary, SearchQuery } from '@souk/contracts';

/** A document with its score; lower fits better. */
export interface Scored {
  readonly doc: PackageSummary;
  readonly score: number;
}

const byName = (a: Scored, b: Scored): number => (a.doc.name < b.doc.name ? -1 : a.doc.name > b.doc.name ? 1 : 0);
const descending = (value: (doc: PackageSummary) => number | string) => (a: Scored, b: Scored): number => {
  const [left, right] = [value(a.doc), value(b.doc)];
  return left < right ? 1 : left > right ? -1 : byName(a, b);
};

function relevance(q: string): (a: Scored, b: Scored) => number {
  const exact = q.trim().toLowerCase();
  const rank = (doc: PackageSummary): number => (doc.name === exact ? 0 : doc.name.startsWith(exact) && exact !== '' ? 1 : 2);
  return (a, b) => rank(a.doc) - rank(b.doc) || a.score - b.score || byName(a, b);
}

/** The comparison of a sort: ties by name, so that pages never overlap. Relevance puts the very name first, then names that begin so. */
export function ordering(sort: SearchQuery['sort'], q: string): (a: Scored, b: Scored) => number {
  switch (sort) {
    case 'updated':
      return descending((doc) => doc.updatedAt);
    case 'stars':
      return descending((doc) => doc.stars);
    case 'downloads':
      return descending((doc) => doc.downloads);
    case 'name':
      return byName;
    default:
      return relevance(q);
  }
}
