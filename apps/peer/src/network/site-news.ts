import { headMoved, observed, siteMoved } from '@souk/contracts';
import type { StoredRecord } from '@souk/domain';
import type { Log, Rpc, ServiceContext } from '@souk/nest';
import type { PeerNode } from '@souk/p2p';

/** Tells the services of this site what is new at this peer. They read on from cursors of their own, so a lost word costs time only. */
export class SiteNews {
  readonly #rpc: Rpc;
  readonly #ordinal: number;
  readonly #log: Log;

  constructor(rpc: Rpc, context: ServiceContext, log: Log) {
    this.#rpc = rpc;
    this.#ordinal = context.ordinal;
    this.#log = log;
  }

  /** Records are on disk. */
  async appended(added: readonly StoredRecord[]): Promise<void> {
    const arrival = added.at(-1)?.arrival;
    if (arrival !== undefined) await this.movedTo(arrival);
  }

  /** Records up to that arrival are on disk. */
  async movedTo(arrival: number): Promise<void> {
    await this.#tell(() => this.#rpc.emit(headMoved, { ordinal: this.#ordinal, arrival }));
  }

  /** The site log has `length` records on disk. */
  async siteLogMoved(length: number): Promise<void> {
    await this.#tell(() => this.#rpc.emit(siteMoved, { ordinal: this.#ordinal, length }));
  }

  /** Passes on what the node receives from other peers and what it observes of them. */
  listenTo(node: Pick<PeerNode, 'onRecords' | 'onForks' | 'onObservation'>): void {
    node.onRecords((records) => void this.appended(records));
    node.onForks((proofs) => {
      for (const { key, seq } of proofs) this.#log.warn('A key signed two different records; its log is frozen', { key, seq });
    });
    node.onObservation(({ id }) => void this.#tell(() => this.#rpc.emit(observed, { ordinal: this.#ordinal, id })));
  }

  async #tell(say: () => Promise<void>): Promise<void> {
    try {
      await say();
    } catch (error) {
      this.#log.debug('news was not told', { error });
    }
  }
}
