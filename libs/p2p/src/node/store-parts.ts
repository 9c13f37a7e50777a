import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FrameRecord } from '@souk/contracts';
import { blobCid, InlineRecordVerifier, IntroductionBudget, sha256Of, type Cid, type ForkProof, type Outcome, type RecordVerifier, type StoredObservation, type StoredRecord, type VerifiedRecord } from '@souk/domain';
import type { PeerNeeds, PeerNodeOptions } from '../peer-node.ts';
import { ChargedIntake } from '../sync/charged-intake.ts';
import { HeldHeads } from '../sync/held-heads.ts';
import { RecordIntake } from '../sync/record-intake.ts';
import type { Spreading } from '../sync/news-teller.ts';
import { Syncer } from '../sync/syncer.ts';
import { Bandwidth } from './bandwidth.ts';
import { Listeners } from './listeners.ts';
import type { PeerLimits } from './peer-limits.ts';
import { SharedLinks } from './shared-links.ts';

/** How one fetch from one peer went, as a node sees it. */
export interface Seen {
  readonly peer: string;
  readonly cid: Cid;
  readonly outcome: Outcome;
  readonly bytes?: number;
  readonly ms?: number;
}

/** Records that came into a store. */
export interface Arrived {
  readonly records: readonly VerifiedRecord[];
  readonly source?: string;
}

/**
 * What all identities over one store have in common: its tree of heads, what comes into it, and the exchange that keeps it level with others.
 * Records are asked for once for the store, not once for each identity, over whichever link there is.
 */
export interface StoreParts {
  readonly heads: HeldHeads;
  readonly intake: ChargedIntake;
  readonly verifier: RecordVerifier;
  readonly syncer: Syncer;
  readonly links: SharedLinks;
  readonly records: Listeners<readonly StoredRecord[]>;
  readonly forks: Listeners<readonly ForkProof[]>;
  readonly observations: Listeners<StoredObservation>;
  /** Records that are in the store now, and which peer brought them; this one itself when nobody did. */
  readonly arrived: Listeners<Arrived>;
  /** How news get to others beside sync, for each identity. */
  readonly spreading: Spreading[];
  /** What blobs may take of the line, each way. */
  readonly bandwidth: { readonly up: Bandwidth; readonly down: Bandwidth };
  /** Keeps an observation; never fails. */
  observe(seen: Seen): Promise<void>;
  /** Notes a record that a peer should not have sent. */
  blame(peer: string, culprit: FrameRecord): void;
}

/** Makes the parts of a store. */
export function storeParts(needs: PeerNeeds, options: Pick<PeerNodeOptions, 'introductions' | 'follows'>, limits: PeerLimits): StoreParts {
  const { logs, log, observations: store, verifier = new InlineRecordVerifier(nextTurn) } = needs;
  const records = new Listeners<readonly StoredRecord[]>(log);
  const forks = new Listeners<readonly ForkProof[]>(log);
  const observations = new Listeners<StoredObservation>(log);
  const links = new SharedLinks();
  const arrived = new Listeners<Arrived>(log);
  const spreading: Spreading[] = [];
  const heads = new HeldHeads(logs);
  const came = (stored: readonly StoredRecord[], source: string): void => {
    records.tell(stored);
    arrived.tell({ records: stored.map((one) => one.record), source });
  };
  const taken = new RecordIntake({ logs, follows: options.follows }, { records: came, forks: (proofs) => forks.tell(proofs) });
  const { introductions } = options;
  const intake = new ChargedIntake({
    logs,
    intake: taken,
    budget: introductions && new IntroductionBudget(introductions.perDay),
    now: introductions?.now ?? Date.now,
    log,
    deferred: (peer, count) => introductions?.deferred?.(peer, count),
  });
  const observe = async (seen: Seen): Promise<void> => {
    try {
      const stored = await store?.add({ bytes: 0, ms: 0, ...seen, at: Date.now() });
      if (stored) observations.tell(stored);
    } catch (error) {
      log.warn('an observation could not be kept', { peer: seen.peer, error });
    }
  };
  const blame = (peer: string, culprit: FrameRecord): void => void observe({ peer, cid: blobCid(sha256Of(culprit.header)), outcome: 'corrupt' });
  const syncer = new Syncer({ logs, heads, intake, verifier, limits, log, follows: options.follows, linked: () => links.peers(), spreading: { isPushedTo: (peer) => spreading.some((one) => one.isPushedTo(peer)), isGossipedTo: (peer) => spreading.some((one) => one.isGossipedTo(peer)), isGossiped: (source, count) => spreading.some((one) => one.isGossiped(source, count)) }, blame, open: (peer, signal) => links.streamsTo(peer).openSync(peer, signal) });
  const bandwidth = { up: new Bandwidth(limits.uploadRate), down: new Bandwidth(limits.downloadRate) };
  return { heads, intake, verifier, syncer, links, records, forks, observations, arrived, spreading, bandwidth, observe, blame };
}
