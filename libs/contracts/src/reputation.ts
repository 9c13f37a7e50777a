import { z } from 'zod';
import { event, request } from './contract.ts';

/** A peer's score: the mean of a Beta distribution over its outcomes (Jøsang & Ismail 2002), in [0, 1], with the evidence behind it. */
export const PeerScore = z
  .object({
    peer: z.string(),
    score: z.number().min(0).max(1),
    evidence: z.object({ ok: z.number(), failed: z.number(), corrupt: z.number(), bytes: z.number(), since: z.string().optional() }),
  })
  .meta({ id: 'PeerScore' });
export type PeerScore = z.infer<typeof PeerScore>;

/** Scores of all peers that were observed, best first. */
export const readScores = request('souk.reputation.v1.scores', { input: z.object({ limit: z.int().min(1).max(1000).default(100) }), output: z.object({ peers: z.array(PeerScore) }), timeoutMs: 2000 });
/** Scores changed: what a peer ranks its providers by. */
export const scoresChanged = event('souk.event.v1.scores', z.object({ scores: z.record(z.string(), z.number()) }));
