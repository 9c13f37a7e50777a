import { z } from 'zod';
import { Bindable, KeyId, PackageName, Version } from '@souk/domain';
import { FrameRecord, maxSync } from './protocols.ts';
import { SearchFacets, SearchQuery } from './search.ts';

const trace = { trace: z.string().max(128).optional() };

/** Most packages of one question, and most entries of a list of what a peer follows. */
export const maxQueried = { names: 50, listed: 500 } as const;

/** A package that was found: what its records do not say, `updatedAt` (ISO 8601) by the first sight of whoever answers, and how many versions there are. */
export const FoundPackage = z.object({ name: PackageName, version: Version, versions: z.int().min(1), updatedAt: z.iso.datetime() });
export type FoundPackage = z.infer<typeof FoundPackage>;

/**
 * `/souk/query/1`, from a peer that follows a list to a super-peer: one side asks, the other answers each question before the next. Every answer ends with the signed
 * records that prove it, in frames of `records` until one says that there are no more, and which names did not fit and are to be asked for again (`later`): of packages all that says something about them and the keys behind it,
 * of a search the newest release of each hit, of `follow?` what shows which logs a list means (names may be scopes, as in `@team/*`). Before them,
 * the answer to a search has `found`: one page of it.
 */
export const QueryFrame = z.discriminatedUnion('t', [
  z.object({ t: z.literal('packages?'), names: z.array(PackageName).min(1).max(maxQueried.names), ...trace }),
  z.object({ t: z.literal('search?'), query: SearchQuery, ...trace }),
  z.object({ t: z.literal('follow?'), publishers: z.array(KeyId).max(maxQueried.listed), names: z.array(Bindable).max(maxQueried.listed), ...trace }),
  z.object({ t: z.literal('found'), total: z.int().min(0), hits: z.array(FoundPackage).max(100), facets: SearchFacets, next: z.int().min(0).optional(), partial: z.boolean().optional(), ...trace }),
  z.object({ t: z.literal('records'), records: z.array(FrameRecord).max(maxSync.records), more: z.boolean(), later: z.array(PackageName).max(maxQueried.names).optional(), ...trace }),
  z.object({ t: z.literal('error'), code: z.string().max(64), message: z.string().max(1024), ...trace }),
]);
export type QueryFrame = z.infer<typeof QueryFrame>;
