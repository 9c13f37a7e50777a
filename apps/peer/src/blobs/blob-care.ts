import type { Catalogue, Cid } from '@souk/domain';
import type { DataFolder } from '@souk/store';
import { KnownReleases } from '../catalogue/known-releases.ts';
import type { Retention } from '../retention/retention.ts';
import { Healer, type HealerNeeds } from './healer.ts';
import { SoundBlobs } from './sound-blobs.ts';

/** What keeps the blobs of a peer sound. */
export interface BlobCare {
  /** Which releases name a blob. */
  readonly releases: KnownReleases;
  readonly healer: Healer;
  /** The blob store that everybody uses: under the rules of retention, and giving sound bytes only. */
  readonly blobs: SoundBlobs;
}

/** Wires the care for the blobs of a data folder. */
export function blobCare({ logs, catalogue }: Pick<DataFolder, 'logs'> & { readonly catalogue: Catalogue }, retention: Retention, { log, metrics, stopping, patience }: Pick<HealerNeeds, 'log' | 'metrics' | 'stopping' | 'patience'>): BlobCare {
  const releases = new KnownReleases(logs, catalogue);
  const releasesOf = (cid: Cid): ReturnType<KnownReleases['of']> => releases.of(cid);
  const drop = (cid: Cid): Promise<boolean> => retention.evictor.drop(cid, ['cached', 'unnamed']);
  const healer = new Healer({ blobs: retention.held, releasesOf, drop, log, metrics, stopping, patience });
  return { releases, healer, blobs: new SoundBlobs({ blobs: retention.blobs, healer, releasesOf }) };
}
