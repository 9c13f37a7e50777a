import { z } from 'zod';
import { SiteIntent, WireRecord } from '@souk/domain';
import { event, request } from './contract.ts';

const subject = (verb: string): string => `souk.peer.{ordinal}.v1.${verb}`;

/** Writes what an administrator wants into the site log, signed by the site's key; acknowledged when it is on disk. `added` is false when the log says so already. Only the gateway may ask. */
export const appendSite = request(subject('append-site'), {
  input: SiteIntent,
  output: z.object({ added: z.boolean(), length: z.int().min(0) }),
  // A takedown by cid looks through every record.
  timeoutMs: 60_000,
});

/**
 * The site log's records from its `after`th on, at most `limit` and as many as fit into one message; `length` is how many there are.
 * The same at every peer of the site, so a service can go on reading at another one.
 */
export const readSiteChanges = request(subject('site-changes'), {
  input: z.object({ after: z.int().min(0), limit: z.int().min(1).max(1000) }),
  output: z.object({ records: z.array(WireRecord), length: z.int().min(0) }),
  timeoutMs: 2000,
});

/** The site log has grown: services that follow it read on. It may be lost. */
export const siteMoved = event('souk.event.v1.site', z.object({ ordinal: z.int().min(0), length: z.int().min(0) }));
