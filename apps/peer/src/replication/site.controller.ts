import { Controller } from '@nestjs/common';
import { handOnRecords, keepBlobs, maxPage, readHeld, readOrder, readOrderHash, readOrderPage, readSiteKey, replicateOrder, type LogName, type OrderPage, type WireMark } from '@souk/contracts';
import { fromWire, sameBytes, SoukError, toBase64, toHex, verify, type Cid, type VerifiedRecord, type WireRecord } from '@souk/domain';
import { Handles } from '@souk/nest';
import { Pace } from '../pace.ts';
import { PeerRuntime } from '../peer-runtime.ts';
import { siteKeyName } from '../site-log/site-log.ts';
import { ForeignRecords } from './foreign-records.ts';
import { fromPage, fromWireMark, isEmptyPage, toPage, toWireMark } from './order-wire.ts';
import { Replica } from './replica.ts';

/** What the peers of one site ask of each other. */
@Controller()
export class SiteController {
  constructor(
    private readonly peer: PeerRuntime,
    private readonly foreign: ForeignRecords,
  ) {}

  @Handles(readOrder)
  async order({ log }: { log: LogName }): Promise<{ mark: WireMark; settled: boolean }> {
    const { orders, mark } = this.peer.site;
    return { mark: toWireMark(await orders[log].ordered.logs.order()), settled: mark.isSettled };
  }

  @Handles(readOrderHash)
  async hash({ log, arrival }: { log: LogName; arrival: number }): Promise<{ hash?: string }> {
    const hash = await this.peer.site.orders[log].ordered.logs.hashAt(arrival);
    return hash ? { hash: toHex(hash) } : {};
  }

  @Handles(readOrderPage)
  async page({ log, after }: { log: LogName; after: WireMark }): Promise<OrderPage> {
    const { logs } = this.peer.site.orders[log].ordered;
    const mark = fromWireMark(after);
    const hash = mark.arrival === 0 ? undefined : await logs.hashAt(mark.arrival);
    const isOfThisOrder = mark.arrival === 0 || (hash !== undefined && mark.hash !== undefined && sameBytes(hash, mark.hash));
    if (!isOfThisOrder) throw new SoukError('STALE_HEAD', `Record ${mark.arrival} of this peer's order is another one.`, { hint: 'The two peers do not have one order of arrival: start one of them with an empty data folder.' });
    return toPage(await logs.slice(mark, maxPage));
  }

  @Handles(replicateOrder)
  async replicate({ log, page }: { log: LogName; page: OrderPage }): Promise<{ mark: WireMark }> {
    const { role, orders } = this.peer.site;
    if (!(role instanceof Replica)) throw new SoukError('FORBIDDEN', 'This peer is no replica of the site.', { hint: 'Only one peer of a site may have the ordinal 0, and SOUK_PEERS is the same for all of them.' });
    const mark = toWireMark(await orders[log].keeper.take(await fromPage(page)));
    if (isEmptyPage(page) && mark.arrival === page.after.arrival && mark.hash === page.after.hash) await role.level(log);
    return { mark };
  }

  @Handles(readSiteKey)
  async siteKey(): Promise<{ seed?: string }> {
    const seed = await this.peer.data.keys.get(siteKeyName);
    return seed ? { seed: toBase64(seed) } : {};
  }

  @Handles(handOnRecords)
  async take({ records }: { records: WireRecord[] }): Promise<{ mark: WireMark }> {
    const verified: VerifiedRecord[] = [];
    const pace = new Pace();
    for (const one of records) {
      verified.push(verify(fromWire(one)));
      await pace.step();
    }
    return { mark: toWireMark(await this.foreign.take(verified)) };
  }

  @Handles(keepBlobs)
  async keep({ cids, from }: { cids: Cid[]; from: number }): Promise<{ held: Cid[] }> {
    const { site, data, retention } = this.peer;
    const brought = await Promise.all(
      cids.map(async (cid) => {
        const isHere = await site.siblings.bring(cid, from);
        const size = isHere ? await data.blobs.size(cid) : undefined;
        if (size !== undefined) await retention.sentAgain(cid, size);
        return size === undefined ? [] : [cid];
      }),
    );
    return { held: brought.flat() };
  }

  @Handles(readHeld)
  async held({ cids }: { cids: Cid[] }): Promise<{ held: Cid[]; pinned: Cid[] }> {
    const { retention } = this.peer;
    const found = await Promise.all(cids.map((cid) => retention.ledger.get(cid)));
    const held = found.filter((one) => one !== undefined);
    return { held: held.map((one) => one.cid), pinned: held.filter((one) => one.keeping === 'pinned').map((one) => one.cid) };
  }
}
