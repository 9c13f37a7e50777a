import { Controller } from '@nestjs/common';
import { fetchBlobs, type FetchProgress } from '@souk/contracts';
import { Streams, type CallContext } from '@souk/nest';
import { BlobFetcher, type WantedBlob } from './blob-fetcher.ts';

/** Brings blobs here. */
@Controller()
export class FetchController {
  constructor(private readonly fetcher: BlobFetcher) {}

  @Streams(fetchBlobs)
  fetch({ blobs }: { blobs: WantedBlob[] }, { signal }: CallContext): AsyncGenerator<FetchProgress> {
    return this.fetcher.fetch(blobs, signal);
  }
}
