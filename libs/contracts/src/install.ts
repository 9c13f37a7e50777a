import { z } from 'zod';
import { Cid, KeyId, PackageName, Version } from '@souk/domain';
import { request, stream } from './contract.ts';
import { Proof, Staleness } from './package-docs.ts';

/** What is wanted: names to ranges or tags, and what a lockfile already holds. */
export const ResolutionInput = z
  .object({
    dependencies: z.record(z.string(), z.string().max(1024)).refine((all) => Object.keys(all).length <= 1000, 'at most 1,000 requirements'),
    locked: z.record(z.string(), Version).optional(),
  })
  .meta({ id: 'ResolutionRequest' });
export type ResolutionInput = z.infer<typeof ResolutionInput>;

/** One package of a resolution. */
export const ResolvedPackage = z
  .object({ name: PackageName, version: Version, cid: Cid, integrity: z.string(), size: z.int(), publisher: KeyId, requires: z.record(z.string(), z.string()) })
  .meta({ id: 'ResolvedPackage' });
export type ResolvedPackage = z.infer<typeof ResolvedPackage>;

/** The packages chosen, in ascending order of names. */
export const Resolution = z.object({ packages: z.array(ResolvedPackage), tookMs: z.number() }).meta({ id: 'Resolution' });
export type Resolution = z.infer<typeof Resolution>;

/** A resolution over HTTP: with the signed records that prove every package in it. */
export const ProvenResolution = Resolution.extend({ proof: z.array(Proof.element).max(20_000), stale: Staleness.optional() }).meta({ id: 'ProvenResolution' });
export type ProvenResolution = z.infer<typeof ProvenResolution>;

/** Resolves over the site's catalogue. UNSATISFIABLE carries the explanation as message; PACKAGE_NOT_FOUND near names. */
export const resolvePackages = request('souk.install.v1.resolve', { input: ResolutionInput, output: Resolution, timeoutMs: 10_000 });

/** What an install tells as it goes: the plan, progress of each blob, the end. */
export const InstallEvent = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('plan'), packages: z.array(ResolvedPackage) }),
    z.object({ type: z.literal('progress'), name: PackageName, cid: Cid, bytes: z.int(), total: z.int(), done: z.boolean() }),
    z.object({ type: z.literal('done'), packages: z.int(), bytes: z.int(), tookMs: z.number() }),
  ])
  .meta({ id: 'InstallEvent' });
export type InstallEvent = z.infer<typeof InstallEvent>;

/** Resolves, then has the peer hold every blob of the plan. */
export const installPackages = stream('souk.install.v1.install', { input: ResolutionInput, item: InstallEvent, timeoutMs: 30_000 });
