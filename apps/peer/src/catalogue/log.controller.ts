import { Controller, UseGuards } from '@nestjs/common';
import { readLog, readPublisher, readStars, type LogOutput, type PublisherDoc } from '@souk/contracts';
import { Catalogue, type KeyId, type PackageName } from '@souk/domain';
import { Handles } from '@souk/nest';
import { PeerRuntime } from '../peer-runtime.ts';
import { SettledGuard } from '../replication/settled.guard.ts';
import { logPage } from './log-page.ts';
import { publisherDoc } from './publisher-doc.ts';
import { starsOf } from './stars.ts';

/** What this peer's logs say about keys and publishers. */
@Controller()
@UseGuards(SettledGuard)
export class LogController {
  constructor(
    private readonly peer: PeerRuntime,
    private readonly catalogue: Catalogue,
  ) {}

  @Handles(readLog)
  log({ key, from, limit }: { key: KeyId; from: number; limit: number }): Promise<LogOutput> {
    return logPage(this.peer.data.logs, key, from, limit);
  }

  @Handles(readPublisher)
  publisher({ id }: { id: KeyId }): Promise<PublisherDoc> {
    return publisherDoc(this.peer.data.logs, this.catalogue, id);
  }

  @Handles(readStars)
  async stars({ names }: { names: PackageName[] }): Promise<{ stars: Record<string, number> }> {
    const stars: Record<string, number> = {};
    for (const name of names) stars[name] = await starsOf(this.peer.data.logs, this.catalogue, name);
    return { stars };
  }
}
