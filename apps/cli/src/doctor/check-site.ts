import { routes, type HttpRoute, type NetworkStatus, type StorageStatus } from '@souk/contracts';
import { found, isSoukError, type CheckStep } from '@souk/domain';
import { z } from 'zod';
import type { Gateway } from '../gateway/gateway.ts';

/** How a running site is checked. */
export interface SiteCheckOptions {
  readonly fix: boolean;
  readonly blobs: boolean;
}

const ready = { method: 'GET', scope: 'any', path: '/readyz', summary: 'Whether the site is ready.', answer: z.looseObject({}) } as const satisfies HttpRoute;

/** What the site's peer says of itself; undefined when no site answers. Throws what else goes wrong, such as UNAUTHORIZED. */
export async function answeringSite(gateway: Gateway): Promise<NetworkStatus | undefined> {
  try {
    return await gateway.call(routes.getNetwork, {});
  } catch (error) {
    if (isSoukError(error) && error.code === 'UNAVAILABLE') return undefined;
    throw error;
  }
}

/** Checks a running site through its HTTP API: readiness, links, room, and with its peer every record and blob. */
export async function* checkSite(gateway: Gateway, status: NetworkStatus, options: SiteCheckOptions): AsyncGenerator<CheckStep> {
  yield* checkReadiness(gateway);
  if (status.links === 0) {
    yield found({ check: 'network', level: 'note', what: 'The peer is linked to no other peer.', why: 'What is published here is nowhere else, and what others publish does not arrive.', todo: 'Invite another site: souk network invite. If there are others, check that their addresses can be reached.' });
  }
  yield { type: 'checked', check: 'network', done: 1 };
  yield* room(await gateway.call(routes.getStorage, {}));
  for await (const event of gateway.events(routes.postCheck, { body: options })) if (event.type !== 'done') yield event;
}

async function* checkReadiness(gateway: Gateway): AsyncGenerator<CheckStep> {
  try {
    await gateway.call(ready, {});
  } catch (error) {
    if (!isSoukError(error)) throw error;
    const unmet = z.object({ unmet: z.array(z.object({ name: z.string(), reason: z.string().optional() })) }).safeParse(error.details);
    const why = unmet.success ? unmet.data.unmet.map((one) => (one.reason ? `${one.name} (${one.reason})` : one.name)).join(', ') : error.message;
    yield found({ check: 'site', level: 'problem', what: 'The site is not ready.', why, todo: 'Wait a moment and look again; what it logs says more.' });
  }
  yield { type: 'checked', check: 'site', done: 1 };
}

function* room({ disk, maxBytes, pinned, cached, unnamed }: StorageStatus): Generator<CheckStep> {
  if (disk.free < disk.minFree) {
    yield found({ check: 'disk', level: 'problem', what: `Only ${disk.free} bytes of the site's disk are free; ${disk.minFree} should be.`, why: 'Nothing is written: publishing and fetching fail with STORAGE_FULL. Reading goes on.', todo: 'Free some space on the disk of the data folder, or lower SOUK_STORAGE_MIN_FREE.' });
  }
  if (maxBytes !== undefined && pinned.bytes + unnamed.bytes > maxBytes * 0.9) {
    yield found({ check: 'disk', level: 'note', what: `Blobs that have to stay take ${pinned.bytes + unnamed.bytes} of ${maxBytes} bytes; ${cached.bytes} more are cached.`, why: 'There is little room left for what is fetched or published.', todo: 'Raise SOUK_STORAGE_MAX_BYTES.' });
  }
  yield { type: 'checked', check: 'disk', done: 1 };
}
