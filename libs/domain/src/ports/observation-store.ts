import { z } from 'zod';
import { Cid } from '../id/cid.ts';

/** How one fetch from one peer ended. */
export const Outcome = z.enum(['ok', 'timeout', 'corrupt', 'missing', 'unreachable']);
export type Outcome = z.infer<typeof Outcome>;

/** One fetch from one peer: `bytes` received in `ms` milliseconds, ended at `at` (milliseconds since 1970). `peer` is a libp2p peer id. */
export const Observation = z
  .object({
    peer: z.string().min(1).max(128),
    cid: Cid,
    outcome: Outcome,
    bytes: z.int().min(0),
    ms: z.number().min(0),
    at: z.int().min(0),
  })
  .meta({ id: 'Observation' });
export type Observation = z.infer<typeof Observation>;

/** An observation with its place in the order in which this store got them: from 1, without reuse. */
export const StoredObservation = Observation.extend({ id: z.int().min(1) }).meta({ id: 'StoredObservation' });
export type StoredObservation = z.infer<typeof StoredObservation>;

/** How many observations a store keeps; older ones are forgotten. */
export const maxObservations = 10_000;

/** How many of those may be of one peer: one that misbehaves again and again must not bury what is known of others. */
export const maxObservationsOfPeer = 1000;

/** What this peer saw of others, the newest `maxObservations`. It may lose the last ones in a power failure: they are opinions, not facts. */
export interface ObservationStore {
  /** Keeps an observation and forgets the oldest beyond the bound. */
  add(observation: Observation): Promise<StoredObservation>;
  /** Observations with an id after `cursor` in order; at most `limit`. Those forgotten meanwhile are left out. */
  since(cursor: number, limit: number): Promise<readonly StoredObservation[]>;
  /** Closes; later calls throw. */
  close(): Promise<void>;
}
