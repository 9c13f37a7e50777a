import { appendSite } from '@souk/contracts';
import type { SiteIntent, SiteState } from '@souk/domain';
import type { Rpc } from '@souk/nest';
import type { SiteFollower } from './site-follower.ts';

/** Has the primary write into the site log, and waits until this gateway has read it. */
export class SiteWriter {
  readonly #rpc: Pick<Rpc, 'call'>;
  readonly #site: Pick<SiteFollower, 'including'>;

  constructor(rpc: Pick<Rpc, 'call'>, site: Pick<SiteFollower, 'including'>) {
    this.#rpc = rpc;
    this.#site = site;
  }

  /** Writes an intent; `added` is false when the log said so already. Throws what the peer refuses it for. */
  async write(intent: SiteIntent): Promise<{ readonly added: boolean; readonly state: SiteState }> {
    const { added, length } = await this.#rpc.call(appendSite, intent);
    return { added, state: await this.#site.including(length) };
  }
}
