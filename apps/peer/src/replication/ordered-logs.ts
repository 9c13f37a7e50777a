import type { LogName } from '@souk/contracts';
import type { LogStore, StoredRecord } from '@souk/domain';
import type { OrderKeeper } from './order-keeper.ts';

/** A log store that all peers of a site hold in one order of arrival. */
export interface OrderedLogs {
  readonly name: LogName;
  readonly logs: LogStore;
  /** Hears what was taken over from a sibling, once it is on disk; also of nothing but writers or forks. */
  readonly taken: (records: readonly StoredRecord[]) => Promise<void>;
}

/** Such a store, and what takes over from siblings into it. */
export interface KeptOrder {
  readonly ordered: OrderedLogs;
  readonly keeper: OrderKeeper;
}
