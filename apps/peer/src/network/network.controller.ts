import { Controller } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { lookupBlob, makeInvite, readLag, readObservations, readPeers, readSelf, readSupers, scoresChanged, type LagLine, type LookupAnswer, type NetworkStatus, type PeerLine, type SuperLine } from '@souk/contracts';
import { LookupTrace, type Cid, type LookupTier, type StoredObservation } from '@souk/domain';
import { Handles, Listens, type CallContext } from '@souk/nest';
import { PeerRuntime } from '../peer-runtime.ts';
import { lagLines, superLines } from './network-lines.ts';
import { inviteOf, networkStatus } from './network-status.ts';
import { PeerScores } from './peer-scores.ts';
import { ownUrl } from './own-url.ts';

/** This peer and the others. */
@Controller()
export class NetworkController {
  constructor(
    private readonly peer: PeerRuntime,
    private readonly scores: PeerScores,
    private readonly http: HttpAdapterHost,
  ) {}

  @Handles(readSelf)
  async self(): Promise<{ peerId: string; blobs: { url: string }; status: NetworkStatus }> {
    return { peerId: this.peer.node.peerId, blobs: { url: ownUrl(this.http) }, status: await networkStatus(this.peer) };
  }

  @Handles(readPeers)
  peers(): { peers: PeerLine[] } {
    const scored = this.peer.node.links().map((link) => {
      const score = this.scores.known(link.peer);
      return score === undefined ? link : { ...link, score };
    });
    return { peers: scored };
  }

  @Handles(readSupers)
  supers(): { supers: SuperLine[] } {
    return { supers: superLines(this.peer) };
  }

  @Handles(readLag)
  lag(): { peers: LagLine[]; total: number } {
    const lag = this.peer.node.lag();
    return { peers: lagLines(lag), total: lag.length };
  }

  @Handles(makeInvite)
  invite(): { invite: string } {
    return { invite: inviteOf(this.peer) };
  }

  @Handles(lookupBlob)
  async lookup({ cid }: { cid: Cid }, { signal }: CallContext): Promise<LookupAnswer> {
    const trace = new LookupTrace(() => performance.now());
    const { tier, providers, tookMs } = await this.peer.node.lookup(cid, { signal, trace });
    const steps = trace.steps().map((step) => ({ ...step, dropped: [...step.dropped] }));
    return { cid, tier: olderTier(tier), foundIn: tier, providers: providers.map((peer) => ({ peer })), tookMs, steps };
  }

  @Handles(readObservations)
  async observations({ after, limit }: { after: number; limit: number }): Promise<{ observations: StoredObservation[] }> {
    return { observations: [...(await this.peer.data.observations.since(after, limit))] };
  }

  @Listens(scoresChanged)
  scoresChanged({ scores }: { scores: Record<string, number> }): void {
    this.scores.update(scores);
  }
}

/** The tier in the words of version 0.1, which knew of no caches and no super-peers. */
function olderTier(tier: LookupTier): LookupAnswer['tier'] {
  return tier === 'hot' || tier === 'warm' || tier === 'super' ? 'peers' : tier;
}
