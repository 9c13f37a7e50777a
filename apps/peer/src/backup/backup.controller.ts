import { Readable } from 'node:stream';
import { Controller, Get, Query, Res, UseGuards } from '@nestjs/common';
import { writeBackup } from '@souk/archive';
import { backupVersion, routes } from '@souk/contracts';
import { SoukError } from '@souk/domain';
import { clientSignal, Log } from '@souk/nest';
import { backupEntries, dataFolderVersion, logsBytes } from '@souk/store';
import type { FastifyReply } from 'fastify';
import { SiteSecretGuard } from '../blobs/site-secret.ts';
import { PeerRuntime } from '../peer-runtime.ts';

/** A backup of this peer, as bytes for the gateway. Keys are never in it: whoever may read them can read their files. */
@Controller('backup')
@UseGuards(SiteSecretGuard)
export class BackupController {
  #isRunning = false;

  constructor(
    private readonly peer: PeerRuntime,
    private readonly log: Log,
  ) {}

  /** Streams a backup as fast as the client reads. One at a time, because each needs room for a copy of the records. */
  @Get()
  async get(@Query({ schema: routes.getBackup.query }) { cached }: { cached: 'yes' | 'no' }, @Res() reply: FastifyReply): Promise<void> {
    if (this.#isRunning) throw new SoukError('UNAVAILABLE', 'Another backup is being made.', { hint: 'Wait until that is done.' });
    this.#isRunning = true;
    try {
      await this.peer.retention.room.requireDisk(await logsBytes(this.peer.data.path));
      const bytes = Readable.from(this.#bytes(cached === 'yes', clientSignal(reply)), { objectMode: false });
      await reply.headers({ 'content-type': 'application/x-tar', 'cache-control': 'no-store' }).send(bytes);
    } finally {
      this.#isRunning = false;
    }
  }

  #bytes(cached: boolean, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { data, retention, node, site } = this.peer;
    const head = { format: 'souk-backup', version: backupVersion, createdAt: Date.now(), dataFolder: dataFolderVersion, network: node.networkId, cached, keys: false } as const;
    const onLeft = (cid: string, why: string): void => this.log.warn('A damaged blob was left out of a backup', { cid, why });
    const gather = async (): Promise<() => void> => {
      await retention.levelled();
      return site.gathered();
    };
    const entries = gatheredEntries(gather, (catchUp) => backupEntries({ path: data.path, copyLogs: (path) => data.copyLogs(path), siteLog: data.siteLog, copySiteLog: (path) => data.copySiteLog(path), blobs: retention.held, ledger: data.ledger }, { cached, signal, onLeft, catchUp }));
    return writeBackup(head, entries);
  }
}

/** The entries of a backup, whose blobs are gathered when it says that its records were copied, and let go of at its end. */
async function* gatheredEntries<T>(gather: () => Promise<() => void>, entries: (catchUp: () => Promise<void>) => AsyncGenerator<T>): AsyncGenerator<T> {
  let letGo: (() => void) | undefined;
  try {
    yield* entries(async () => {
      letGo = await gather();
    });
  } finally {
    letGo?.();
  }
}
