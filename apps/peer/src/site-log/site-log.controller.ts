import { Controller, UseGuards } from '@nestjs/common';
import { appendSite, readSiteChanges } from '@souk/contracts';
import type { SiteIntent, WireRecord } from '@souk/domain';
import { Handles } from '@souk/nest';
import { PeerRuntime } from '../peer-runtime.ts';
import { SettledGuard } from '../replication/settled.guard.ts';
import type { SiteLog } from './site-log.ts';

/** The site log, for the services of this site. */
@Controller()
@UseGuards(SettledGuard)
export class SiteLogController {
  readonly #log: SiteLog;

  constructor(private readonly peer: PeerRuntime) {
    this.#log = peer.siteLog;
  }

  @Handles(appendSite)
  async append(intent: SiteIntent): Promise<{ added: boolean; length: number }> {
    const { role } = this.peer.site;
    await role.requireTaking();
    const added = await this.#log.append(await this.peer.keeper.resolved(intent));
    await role.acknowledged([]);
    return { added, length: this.#log.length };
  }

  @Handles(readSiteChanges)
  changes({ after, limit }: { after: number; limit: number }): Promise<{ records: WireRecord[]; length: number }> {
    return this.#log.read(after, limit);
  }
}
