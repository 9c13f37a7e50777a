import { Body, Controller, Query, Res } from '@nestjs/common';
import { checkStorage, readStorage, routes, type StorageCheckInput, type StorageStatus } from '@souk/contracts';
import { clientSignal, Rpc } from '@souk/nest';
import type { FastifyReply } from 'fastify';
import { BlobClient } from './blob-client.ts';
import { sendEvents } from './event-stream.ts';
import { Serves } from './serves.ts';

/** What the peer keeps, whether it is sound, and a copy of it. */
@Controller()
export class StorageController {
  constructor(
    private readonly rpc: Rpc,
    private readonly blobs: BlobClient,
  ) {}

  @Serves(routes.getStorage)
  storage(): Promise<StorageStatus> {
    return this.rpc.call(readStorage, {});
  }

  @Serves(routes.postCheck)
  async check(@Body({ schema: routes.postCheck.body }) input: StorageCheckInput, @Res() reply: FastifyReply): Promise<void> {
    await sendEvents(reply, this.rpc.stream(checkStorage, input, { signal: clientSignal(reply) }));
  }

  @Serves(routes.getBackup)
  async backup(@Query({ schema: routes.getBackup.query }) { cached }: { cached: 'yes' | 'no' }, @Res() reply: FastifyReply): Promise<void> {
    const bytes = await this.blobs.backup(cached, clientSignal(reply));
    await reply.headers({ 'content-type': 'application/x-tar', 'cache-control': 'no-store', 'content-disposition': 'attachment; filename="souk-backup.tar"' }).send(bytes);
  }
}
