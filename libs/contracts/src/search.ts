import { z } from 'zod';
import { Kind, KeyId } from '@souk/domain';
import { request } from './contract.ts';
import { PackageSummary, Staleness } from './package-docs.ts';

/** Orders of an answer. */
export const SearchSort = z.enum(['relevance', 'updated', 'name', 'stars', 'downloads']);

/** A search. Without `q` it lists. Numbers and flags may come as text from a query string. */
export const SearchQuery = z
  .object({
    q: z.string().max(256).default(''),
    kind: Kind.optional(),
    keyword: z.string().max(64).optional(),
    publisher: KeyId.optional(),
    license: z.string().max(128).optional(),
    scope: z.string().max(128).optional(),
    sort: SearchSort.default('relevance'),
    limit: z.coerce.number().int().min(1).max(100).default(20),
    offset: z.coerce.number().int().min(0).max(10_000).default(0),
  })
  .meta({ id: 'SearchQuery' });
export type SearchQuery = z.infer<typeof SearchQuery>;

const Facet = z.array(z.object({ value: z.string(), count: z.int() }));
/** How a whole answer divides. */
export const SearchFacets = z.object({ kind: Facet, keyword: Facet, license: Facet });

/**
 * An answer: the true total, one page, how the whole answer divides, and the time that the index took. `partial` is true while the index is
 * rebuilt after a start: packages may be missing from it, and the total may be too small.
 */
export const SearchAnswer = z
  .object({
    total: z.int(),
    items: z.array(PackageSummary),
    facets: SearchFacets,
    next: z.int().optional(),
    tookMs: z.number(),
    partial: z.boolean().optional(),
    stale: Staleness.optional(),
    /**
     * Only of a site that follows a list: how many of the hits its own index has, which knows what the site follows, and the super-peer that was asked for
     * the rest. Without `superPeer` none answered: what the site does not follow is missing.
     */
    followed: z.object({ hits: z.int(), superPeer: z.string().optional() }).optional(),
  })
  .meta({ id: 'SearchAnswer' });
export type SearchAnswer = z.infer<typeof SearchAnswer>;

/** What someone may be typing. */
export const SuggestQuery = z.object({ q: z.string().min(1).max(64), limit: z.coerce.number().int().min(1).max(20).default(8) }).meta({ id: 'SuggestQuery' });
/** Packages that it may become, best first. */
export const SuggestAnswer = z.object({ items: z.array(z.object({ name: z.string(), description: z.string() })) }).meta({ id: 'SuggestAnswer' });

/** Searches the site's index. */
export const searchPackages = request('souk.search.v1.query', { input: SearchQuery, output: SearchAnswer, timeoutMs: 2000 });
/** Completes a prefix. */
export const suggest = request('souk.search.v1.suggest', { input: SuggestQuery, output: SuggestAnswer, timeoutMs: 1000 });
/** Names close to one that does not exist. */
export const nearestNames = request('souk.search.v1.near', { input: z.object({ name: z.string().max(214), limit: z.int().min(1).max(10) }), output: z.object({ names: z.array(z.string()) }), timeoutMs: 1000 });
