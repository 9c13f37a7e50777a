import { Controller, Module, type DynamicModule } from '@nestjs/common';
import { appendSite, readSiteChanges, siteMoved } from '@souk/contracts';
import { requireIntent, SiteState, toWire, type SiteIntent, type VerifiedRecord, type WireRecord } from '@souk/domain';
import { Handles, Rpc } from '@souk/nest';
import { LogWriter } from '@souk/testing';

/** What a stand-in of the peer keeps, and how it behaves. */
export class SitePeer {
  readonly log = new LogWriter('site');
  readonly state = new SiteState();
  /** What it answers instead of the log's records. */
  lies: readonly VerifiedRecord[] | undefined;

  constructor() {
    this.log.write('inception', { rootKey: this.log.key });
  }

  /** Writes what is allowed; false when the log says so already. */
  append(intent: SiteIntent): boolean {
    if (!requireIntent(this.state, intent, Date.now())) return false;
    this.state.take(this.log.write(intent.kind, intent.body as never));
    return true;
  }

  /** A page of the log. */
  read(after: number, limit: number): { records: WireRecord[]; length: number } {
    const { records } = this.lies === undefined ? this.log : { records: this.lies };
    return { records: records.slice(after, after + limit).map(toWire), length: records.length };
  }
}

/** The peer's part of the site log for gateways of specs. */
@Controller()
class SitePeerController {
  constructor(
    private readonly peer: SitePeer,
    private readonly rpc: Rpc,
  ) {}

  @Handles(appendSite)
  async append(intent: SiteIntent): Promise<{ added: boolean; length: number }> {
    const added = this.peer.append(intent);
    const { length } = this.peer.log.records;
    if (added) await this.rpc.emit(siteMoved, { ordinal: 0, length });
    return { added, length };
  }

  @Handles(readSiteChanges)
  changes({ after, limit }: { after: number; limit: number }): { records: WireRecord[]; length: number } {
    return this.peer.read(after, limit);
  }
}

/** The stand-in as a service. */
@Module({})
export class SitePeerModule {
  static with(peer: SitePeer): DynamicModule {
    return { module: SitePeerModule, controllers: [SitePeerController], providers: [{ provide: SitePeer, useValue: peer }] };
  }
}
