import { Controller, Module, type DynamicModule } from '@nestjs/common';
import { appendSite, readSiteChanges, siteMoved } from '@souk/contracts';
import { keyId, requireIntent, seedFrom, sign, signerOf, SiteState, toWire, type RecordKind, type SiteIntent, type VerifiedRecord, type WireRecord } from '@souk/domain';
import { Handles, Rpc } from '@souk/nest';

/** What a stand-in of the peer keeps, and how it behaves. */
export class SitePeer {
  readonly records: VerifiedRecord[] = [];
  readonly state = new SiteState();
  readonly #signer = signerOf(seedFrom('site'));
  /** What it answers instead of the log's records. */
  lies: readonly VerifiedRecord[] | undefined;

  constructor() {
    this.write('inception', { rootKey: keyId(this.#signer.publicKey) });
  }

  /** Signs a record, whatever it says. */
  write(kind: RecordKind, body: object): void {
    const last = this.records.at(-1);
    const record = sign(kind, body as never, { signer: this.#signer, head: last && { seq: last.fields.seq, hash: last.hash }, clock: this.records.length, at: Date.now() });
    this.records.push(record);
    this.state.take(record);
  }

  /** Writes what is allowed; false when the log says so already. */
  append(intent: SiteIntent): boolean {
    if (!requireIntent(this.state, intent, Date.now())) return false;
    this.write(intent.kind, intent.body);
    return true;
  }

  /** A page of the log. */
  read(after: number, limit: number): { records: WireRecord[]; length: number } {
    const records = this.lies ?? this.records;
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
    const { length } = this.peer.records;
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
