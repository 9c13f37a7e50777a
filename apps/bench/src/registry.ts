import { scaleBootstrap } from './bootstrap/scale-bootstrap.ts';
import { cacheSteps } from './cache/cache-steps.ts';
import { cacheTrace } from './cache/cache-trace.ts';
import { localCacheHit } from './cache/local-cache-hit.ts';
import { dhtBySize } from './dht/by-size.ts';
import { discovery } from './discovery/discovery.ts';
import { cliInstall } from './first/cli-install.ts';
import { cliSearch } from './first/cli-search.ts';
import { installClosure } from './first/install-closure.ts';
import { publishAck } from './first/publish-ack.ts';
import { search } from './first/search.ts';
import { startToReady } from './first/start-to-ready.ts';
import { gossip } from './gossip/gossip.ts';
import { importEventLoop, importRate, importSearch } from './import/import-scenarios.ts';
import { leavesMemory } from './leaves/leaves-memory.ts';
import { superLookup } from './lookup/super-lookup.ts';
import { memory } from './memory/memory.ts';
import { natsRequest } from './nats/nats-request.ts';
import { ackCopies } from './publish/ack-copies.ts';
import { restart } from './restart/restart.ts';
import type { Scenario } from './runner/scenario.ts';
import { searchService, searchSite } from './search/search-site.ts';
import { swarm } from './swarm/swarm.ts';
import { sync } from './sync/sync.ts';
import { syncSite } from './sync/sync-site.ts';

/** Every scenario, in the order in which they run: those that share a loaded site come last, so that it runs beside no other. */
export const registry: readonly Scenario[] = [startToReady, restart, publishAck, ackCopies, ...sync, syncSite, ...gossip, ...leavesMemory, ...superLookup, ...dhtBySize, ...discovery, ...scaleBootstrap, ...memory, ...swarm, ...cacheSteps, localCacheHit, ...cacheTrace, installClosure, cliInstall, natsRequest, importRate, importEventLoop, importSearch, searchSite, searchService, search, cliSearch];
