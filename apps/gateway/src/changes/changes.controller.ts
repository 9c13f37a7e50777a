import { Controller, Query, Req, Res } from '@nestjs/common';
import { headMoved, routes, type ChangesQuery } from '@souk/contracts';
import { SoukError } from '@souk/domain';
import { clientSignal, Listens, ServiceContext } from '@souk/nest';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access, requireScope } from '../access/access.ts';
import { sendEvents } from '../event-stream.ts';
import { Serves } from '../serves.ts';
import { CatalogueChanges } from './catalogue-changes.ts';

/** The cursor that was told last, as a client that comes back gives it. Throws BAD_REQUEST for what is none. */
function cursorOf(lastEventId: string): number | undefined {
  const { data, success } = routes.getChanges.query.safeParse({ after: lastEventId });
  if (!success) throw new SoukError('BAD_REQUEST', 'The header Last-Event-ID is no cursor of this site.', { hint: 'Give the id of the last event, or leave the header out to follow what is new from now on.' });
  return data.after;
}

/** Streams what changes in the catalogue to whoever follows it. */
@Controller()
export class ChangesController {
  constructor(
    private readonly changes: CatalogueChanges,
    private readonly access: Access,
    private readonly service: ServiceContext,
  ) {}

  @Listens(headMoved)
  moved(): void {
    this.changes.poke();
  }

  @Serves(routes.getChanges)
  async follow(@Query({ schema: routes.getChanges.query }) query: ChangesQuery, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { authorization, 'last-event-id': last } = request.headers;
    const after = last === undefined ? query.after : cursorOf(String(last));
    const admit = async (): Promise<void> => requireScope(await this.access.callerOf(authorization), routes.getChanges.scope);
    // A stream without an end must not keep a service from stopping.
    const signal = AbortSignal.any([clientSignal(reply), this.service.stopping]);
    await sendEvents(reply, this.changes.follow({ ...(after === undefined ? {} : { after }), admit, signal }));
  }
}
