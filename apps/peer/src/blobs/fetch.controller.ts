import { Controller } from '@nestjs/common';
import { fetchBlobs, readBlobVersions, type FetchProgress } from '@souk/contracts';
import type { Cid, PackageName, Version } from '@souk/domain';
import { Handles, Streams, type CallContext } from '@souk/nest';
import { PeerRuntime } from '../peer-runtime.ts';
import { BlobFetcher, type WantedBlob } from './blob-fetcher.ts';

/** Most versions of one blob that are told. */
const maxVersions = 16;

/** Brings blobs here. */
@Controller()
export class FetchController {
  constructor(
    private readonly fetcher: BlobFetcher,
    private readonly peer: PeerRuntime,
  ) {}

  @Handles(readBlobVersions)
  async versions({ cid }: { cid: Cid }): Promise<{ versions: { name: PackageName; version: Version }[] }> {
    const { care, packages } = this.peer;
    const known = [...(await care.releases.of(cid)), ...packages.versionsOf(cid)].slice(0, maxVersions);
    return { versions: known.map(({ name, version }) => ({ name: name as PackageName, version: version as Version })) };
  }

  @Streams(fetchBlobs)
  fetch({ blobs }: { blobs: WantedBlob[] }, { signal }: CallContext): AsyncGenerator<FetchProgress> {
    return this.fetcher.fetch(blobs, signal);
  }
}
