import { Body, Controller, Param, Res } from '@nestjs/common';
import { listJoinTokens, lookupBlob, makeInvite, makeJoinToken, redeemJoin, revokeJoinToken, putCharter, readCharter, readLag, readPeers, readScores, readSelf, readSupers, routes, type CharterDoc, type CharterInput, type JoinAnswer, type JoinInput, type JoinTokenDoc, type JoinTokenInput, type LagLine, type NetworkStatus, type NewJoinToken, type PeerLine, type PeerScore, type SuperLine } from '@souk/contracts';
import type { Cid } from '@souk/domain';
import { clientSignal, PeerReads, Rpc } from '@souk/nest';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { Serves } from './serves.ts';

/** The site's peer and its neighbours. */
@Controller()
export class NetworkController {
  constructor(
    private readonly rpc: Rpc,
    private readonly reads: PeerReads,
  ) {}

  @Serves(routes.getNetwork)
  async self(): Promise<NetworkStatus> {
    return (await this.reads.call(readSelf, {})).status;
  }

  @Serves(routes.getPeers)
  peers(): Promise<{ peers: PeerLine[] }> {
    return this.reads.call(readPeers, {});
  }

  @Serves(routes.getSupers)
  supers(): Promise<{ supers: SuperLine[] }> {
    return this.reads.call(readSupers, {});
  }

  @Serves(routes.getLag)
  lag(): Promise<{ peers: LagLine[]; total: number }> {
    return this.reads.call(readLag, {});
  }

  @Serves(routes.lookup)
  lookup(@Param({ schema: routes.lookup.params }) { cid }: { cid: Cid }, @Res({ passthrough: true }) reply: FastifyReply): Promise<z.infer<typeof lookupBlob.output>> {
    return this.reads.call(lookupBlob, { cid }, { signal: clientSignal(reply) });
  }

  @Serves(routes.postInvite)
  invite(): Promise<{ invite: string }> {
    return this.reads.call(makeInvite, {});
  }

  @Serves(routes.postJoinToken)
  joinToken(@Body({ schema: routes.postJoinToken.body }) input: JoinTokenInput): Promise<NewJoinToken> {
    return this.rpc.call(makeJoinToken, input);
  }

  @Serves(routes.listJoinTokens)
  joinTokens(): Promise<{ tokens: JoinTokenDoc[] }> {
    return this.rpc.call(listJoinTokens, {});
  }

  @Serves(routes.deleteJoinToken)
  revokeJoinToken(@Param({ schema: routes.deleteJoinToken.params }) { id }: { id: string }): Promise<JoinTokenDoc> {
    return this.rpc.call(revokeJoinToken, { id });
  }

  @Serves(routes.postJoin)
  join(@Body({ schema: routes.postJoin.body }) input: JoinInput): Promise<JoinAnswer> {
    return this.rpc.call(redeemJoin, input);
  }

  @Serves(routes.getCharter)
  charter(): Promise<CharterDoc> {
    return this.reads.call(readCharter, {});
  }

  @Serves(routes.putCharter)
  putCharter(@Body({ schema: routes.putCharter.body }) input: CharterInput): Promise<CharterDoc> {
    return this.rpc.call(putCharter, input);
  }

  @Serves(routes.getScores)
  scores(): Promise<{ peers: PeerScore[] }> {
    return this.rpc.call(readScores, { limit: 200 });
  }
}
