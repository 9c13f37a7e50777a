import type { Catalogue, PublisherId } from '@souk/domain';

/** Most names of a scope that are looked at. */
const maxNames = 1000;

/** The names of a scope that are published here, in ascending order; at most 1,000. `pattern` is as in `@team/*`. */
export async function namesIn(catalogue: Pick<Catalogue, 'names'>, pattern: string): Promise<string[]> {
  const prefix = pattern.slice(0, -1);
  return (await catalogue.names(prefix, maxNames)).filter((name) => name.startsWith(prefix));
}

/** The publisher of all names of a scope; undefined when there is none, or more than one. */
export async function soleOwnerOf(catalogue: Pick<Catalogue, 'names' | 'package'>, pattern: string): Promise<PublisherId | undefined> {
  const owners = new Set<PublisherId>();
  for (const name of await namesIn(catalogue, pattern)) {
    const publisher = (await catalogue.package(name))?.publisher;
    if (publisher !== undefined) owners.add(publisher);
    if (owners.size > 1) return undefined;
  }
  return [...owners][0];
}
