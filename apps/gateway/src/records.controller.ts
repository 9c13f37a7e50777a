import { Body, Controller, Param, Query, Res } from '@nestjs/common';
import { appendRecords, readLog, readPublisher, routes, type AppendInput, type AppendOutput, type LogOutput, type PublisherDoc } from '@souk/contracts';
import type { KeyId } from '@souk/domain';
import { PeerReads, Rpc } from '@souk/nest';
import type { FastifyReply } from 'fastify';
import { Serves } from './serves.ts';

/** Signed records in and out. */
@Controller()
export class RecordsController {
  constructor(
    private readonly rpc: Rpc,
    private readonly peers: PeerReads,
  ) {}

  @Serves(routes.postRecords)
  async append(@Body({ schema: routes.postRecords.body }) input: AppendInput, @Res({ passthrough: true }) reply: FastifyReply): Promise<AppendOutput> {
    // Not cancelled with the connection: what the client signed may already be on its way to disk.
    const answer = await this.rpc.call(appendRecords, input);
    reply.status(answer.added > 0 ? 201 : 200);
    return answer;
  }

  @Serves(routes.getPublisher)
  publisher(@Param({ schema: routes.getPublisher.params }) params: { id: KeyId }): Promise<PublisherDoc> {
    return this.peers.call(readPublisher, params);
  }

  @Serves(routes.getLog)
  log(@Param({ schema: routes.getLog.params }) params: { id: KeyId }, @Query({ schema: routes.getLog.query }) query: { after: number; limit: number }): Promise<LogOutput> {
    return this.peers.call(readLog, { key: params.id, from: query.after + 1, limit: query.limit });
  }
}
