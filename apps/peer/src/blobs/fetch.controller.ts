import { Controller } from '@nestjs/common';
import { fetchBlobs, readBlobVersions, type FetchProgress } from '@souk/contracts';
import type { Cid, PackageName, Version } from '@souk/domain';
import { Handles, Streams, type CallContext } from '@souk/nest';
import { PeerRuntime } from '../peer-runtime.ts';
import { BlobFetcher, type WantedBlob } from './blob-fetcher.ts';

/** Brings blobs here. */
@Controller()
export class FetchController {
  constructor(
    private readonly fetcher: BlobFetcher,
    private readonly peer: PeerRuntime,
  ) {}

  @Handles(readBlobVersions)
  async versions({ cid }: { cid: Cid }): Promise<{ versions: { name: PackageName; version: Version }[] }> {
    return { versions: (await this.peer.care.releases.of(cid)).map(({ name, version }) => ({ name, version })) };
  }

  @Streams(fetchBlobs)
  fetch({ blobs }: { blobs: WantedBlob[] }, { signal }: CallContext): AsyncGenerator<FetchProgress> {
    return this.fetcher.fetch(blobs, signal);
  }
}
