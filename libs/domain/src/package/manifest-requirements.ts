import type { Requirement } from '../resolver/universe.ts';
import type { Kind } from './kind.ts';
import type { ManifestFields } from './manifest.ts';

/**
 * What Souk's installer must find for one release, in order of name. For a template that is `requires`; its `dependencies` belong to the
 * project it generates. For a package it is `dependencies`, without those that the archive brings along and without those that are also
 * optional, which npm treats as optional only. Optional and peer dependencies are not required: `souk install` puts nothing
 * in place that a release can work without, and npm clients read them from the manifest.
 * The empty range and the tag `latest` mean any version; other texts that are no range (addresses, aliases, other tags) are handed
 * on as they are, and the resolver explains why they can't be met.
 */
export function requirementsOf(manifest: ManifestFields, kind: Kind): readonly Requirement[] {
  const { dependencies = {}, optionalDependencies = {}, bundleDependencies = [], requires = {} } = manifest;
  const bundled = new Set(bundleDependencies);
  const wanted = kind === 'template' ? Object.entries(requires) : Object.entries(dependencies).filter(([name]) => !bundled.has(name) && !Object.hasOwn(optionalDependencies, name));
  return wanted
    .map(([name, text]) => ({ name, range: rangeOf(text) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The range that a dependency's text asks for. */
export function rangeOf(text: string): string {
  const range = text.trim();
  return range === '' || range === 'latest' ? '*' : range;
}
