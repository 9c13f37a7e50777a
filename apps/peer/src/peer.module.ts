import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { carType } from '@souk/contracts';
import { Catalogue, type StoredRecord } from '@souk/domain';
import { Log, Metrics, Readiness, Rpc, ServiceContext, Spans, type HttpOptions } from '@souk/nest';
import type { FastifyInstance } from 'fastify';
import { announce, appendingOf, type Appending } from './append/announce.ts';
import { AppendDoor } from './append/append-door.ts';
import { AppendController } from './append/append.controller.ts';
import { Appender } from './append/appender.ts';
import { BackupController } from './backup/backup.controller.ts';
import { ArchiveReports } from './blobs/archive-reports.ts';
import { BlobController } from './blobs/blob.controller.ts';
import { BlobFetcher } from './blobs/blob-fetcher.ts';
import { FetchController } from './blobs/fetch.controller.ts';
import { SiteSecret } from './blobs/site-secret.ts';
import { CatalogueController } from './catalogue/catalogue.controller.ts';
import { LogController } from './catalogue/log.controller.ts';
import type { PeerConfig } from './config.ts';
import { CharterController } from './network/charter.controller.ts';
import { NetworkController } from './network/network.controller.ts';
import { PeerScores } from './network/peer-scores.ts';
import { SiteNews } from './network/site-news.ts';
import { PeerRuntime } from './peer-runtime.ts';
import { QueryController } from './query/query.controller.ts';
import { ForeignRecords } from './replication/foreign-records.ts';
import { SiteController } from './replication/site.controller.ts';
import { StorageController } from './retention/storage.controller.ts';
import type { Sight } from './site-log/binder.ts';
import { SiteLog } from './site-log/site-log.ts';
import { SiteLogController } from './site-log/site-log.controller.ts';

export { peerConfig, type PeerConfig } from './config.ts';

/** Longest upload of a blob, in milliseconds: a little more than the gateway gives a client, so that the client hears it from the gateway. */
const uploadMs = 330_000;

/** How the peer listens for the other services of its site: what `bootstrap` needs beside the module. */
export const peerHttp: HttpOptions = { requestTimeoutMs: uploadMs };

/** Blob bytes are not parsed but handed on as the stream that they are. */
function acceptBlobs(host: HttpAdapterHost): void {
  const fastify = host.httpAdapter.getInstance<FastifyInstance>();
  fastify.addContentTypeParser(['application/octet-stream', carType], (_request, payload, done) => done(null, payload));
}

const runtimeProvider = (config: PeerConfig): Provider => ({
  provide: PeerRuntime,
  inject: [Log, Metrics, Readiness, ServiceContext, PeerScores, SiteNews, Rpc, Spans],
  useFactory: async (log: Log, metrics: Metrics, readiness: Readiness, context: ServiceContext, scores: PeerScores, news: SiteNews, rpc: Rpc, spans: Spans) => {
    const runtime = await PeerRuntime.open(config, { log, metrics, spans, readiness, context, scores, news, rpc });
    news.listenTo(runtime.node);
    runtime.siteLog.onAppended(() => news.siteLogMoved(runtime.siteLog.length));
    return runtime;
  },
});

const providers: Provider[] = [
  PeerScores,
  { provide: SiteLog, inject: [PeerRuntime], useFactory: ({ siteLog }: PeerRuntime) => siteLog },
  { provide: SiteNews, inject: [Rpc, ServiceContext, Log], useFactory: (rpc: Rpc, context: ServiceContext, log: Log) => new SiteNews(rpc, context, log) },
  { provide: Catalogue, inject: [PeerRuntime], useFactory: ({ catalogue }: PeerRuntime) => catalogue },
  { provide: ArchiveReports, inject: [PeerRuntime], useFactory: ({ reports }: PeerRuntime) => reports },
  {
    provide: BlobFetcher,
    inject: [PeerRuntime, Spans],
    useFactory: ({ data, node, retention, site, packages }: PeerRuntime, spans: Spans) => new BlobFetcher({ spans, blobs: data.blobs, catalogue: packages, node, retention, siblings: site.siblings }),
  },
  {
    provide: ForeignRecords,
    inject: [PeerRuntime, SiteNews],
    useFactory: ({ data, node, site, retention, effects }: PeerRuntime, news: SiteNews) => new ForeignRecords({ logs: site.role.nodeLogs(data.logs), site, retention, news, node, screened: (added) => effects.screen(added) }),
  },
  {
    provide: AppendDoor,
    inject: [PeerRuntime, Catalogue, ArchiveReports, SiteNews, Log],
    useFactory: ({ data, node, bulk, retention, site, siteLog, binder }: PeerRuntime, catalogue: Catalogue, reports: ArchiveReports, news: SiteNews, log: Log) => {
      const { turns, role } = site;
      const onSights = (sights: readonly Sight[]): Promise<void> => binder.appended(sights);
      const onAppended = (appending: Appending): Promise<void> => announce({ news, node, log }, appending);
      const tell = async (added: readonly StoredRecord[]): Promise<void> => {
        const appending = appendingOf(added);
        if (appending) await onAppended(appending);
      };
      return new AppendDoor({ appender: new Appender({ logs: data.logs, blobs: data.blobs, catalogue, reports, retention, room: retention.room, turns, onAppended: tell, site: siteLog, onSights }), bulk, retention, room: retention.room, role, turns, onAppended, onSights });
    },
  },
];

/** The peer service: the libp2p node of a site with its logs and blobs. */
@Module({})
export class PeerModule {
  constructor(host: HttpAdapterHost) {
    acceptBlobs(host);
  }

  /** Wires the service. */
  static with(config: PeerConfig): DynamicModule {
    return {
      module: PeerModule,
      controllers: [AppendController, BackupController, BlobController, CatalogueController, CharterController, FetchController, LogController, NetworkController, QueryController, SiteController, SiteLogController, StorageController],
      providers: [runtimeProvider(config), { provide: SiteSecret, useFactory: () => new SiteSecret(config.siteSecret) }, ...providers],
    };
  }
}
