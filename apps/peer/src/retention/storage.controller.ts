import { Controller } from '@nestjs/common';
import { checkStorage, readStorage, type StorageCheckEvent, type StorageCheckInput, type StorageStatus } from '@souk/contracts';
import { checkBlobs, checkOrphans, checkRecords, checkReleases, SoukError, type BlobCheckOptions, type CheckStep } from '@souk/domain';
import { Handles, Streams, type CallContext } from '@souk/nest';
import { Pace } from '../pace.ts';
import { PeerRuntime } from '../peer-runtime.ts';

/** What this peer keeps, and whether it is sound. */
@Controller()
export class StorageController {
  #isChecking = false;

  constructor(private readonly peer: PeerRuntime) {}

  @Handles(readStorage)
  storage(): Promise<StorageStatus> {
    return this.peer.retention.status();
  }

  @Streams(checkStorage)
  async *check(input: StorageCheckInput, { signal }: CallContext): AsyncGenerator<StorageCheckEvent> {
    if (this.#isChecking) throw new SoukError('UNAVAILABLE', 'The peer is being checked already.', { hint: 'Wait until that is done.' });
    this.#isChecking = true;
    try {
      yield* this.#steps(input, signal);
      yield { type: 'done' };
    } finally {
      this.#isChecking = false;
    }
  }

  async *#steps({ blobs, fix }: StorageCheckInput, signal: AbortSignal): AsyncGenerator<CheckStep> {
    const { retention, data, care } = this.peer;
    const pace = new Pace();
    await retention.levelled();
    // What is pinned and nobody else has is only told of: it may be the only copy, and putting it aside is for whoever looks at the folder.
    const repair: BlobCheckOptions['repair'] = {
      heal: (cid) => care.healer.heal(cid).then(() => true, () => false),
      drop: async (cid) => (await retention.ledger.get(cid)) === undefined || retention.evictor.drop(cid, ['cached', 'unnamed']),
    };
    const options = { orphanedBefore: retention.orphanedBefore, signal, ...(fix ? { repair } : {}) };
    for (const store of [data.logs, data.siteLog]) yield* checkRecords(store, { pace: () => pace.step(), signal });
    yield* checkReleases(data.logs, retention.ledger);
    yield* checkOrphans(retention.ledger, options);
    if (blobs) yield* checkBlobs(retention.held, retention.ledger, options);
  }
}
