import { routes, type InstallEvent } from '@souk/contracts';
import { abortError, isSoukError, SoukError, type Cid } from '@souk/domain';
import type { Context } from '../context.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { ContentStore } from '../home/content-store.ts';
import { openProgress, type Progress } from '../output/progress.ts';
import type { ProvenPackage } from './prove-packages.ts';

/** Downloads at a time. */
const parallel = 6;

/** Bytes that were downloaded, of how many blobs. */
export interface Fetched {
  readonly blobs: number;
  readonly bytes: number;
}

interface Missing {
  readonly name: string;
  readonly version: string;
  readonly cid: string;
}

/**
 * Brings the blobs of packages here, each checked against its cid before it is kept. The site is asked to have them all, and each is
 * downloaded as soon as it has it. Throws NO_PROVIDER naming all that can't be had, CID_MISMATCH, UNAVAILABLE, CANCELLED.
 */
export async function fetchPackages(context: Context, content: ContentStore, packages: readonly ProvenPackage[], all: readonly ProvenPackage[]): Promise<Fetched> {
  if (packages.length === 0) return { blobs: 0, bytes: 0 };
  const gateway = await context.gateway();
  const bytes = packages.reduce((sum, one) => sum + one.size, 0);
  const progress = await openProgress(context, bytes);
  const downloads = new Downloads(gateway, content, context.host.signal, progress);
  try {
    const wanted = new Map<Cid, ProvenPackage>(packages.map((one) => [one.cid, one]));
    await siteHolds(gateway, all, (cid) => {
      const one = wanted.get(cid);
      if (one) downloads.start(one);
    });
    for (const one of packages) downloads.start(one);
    await downloads.finished();
  } finally {
    await downloads.settled();
    progress.stop();
  }
  if (context.host.signal.aborted) throw abortError(context.host.signal, 'The installation');
  return { blobs: packages.length, bytes };
}

/**
 * Has the site hold the packages' blobs, telling of each that it has. What it says is only a hint about when to download. When it names what
 * nobody can give, that is the end; any other failure of this request shows again, or not, when the blobs are downloaded.
 */
async function siteHolds(gateway: Gateway, all: readonly ProvenPackage[], onHeld: (cid: Cid) => void): Promise<void> {
  const exact = Object.fromEntries(all.map((one) => [one.name, one.version]));
  try {
    const events: AsyncIterable<InstallEvent> = gateway.events(routes.postInstall, { body: { dependencies: exact, locked: exact } });
    for await (const event of events) if (event.type === 'progress' && event.done) onHeld(event.cid);
  } catch (error) {
    if (isSoukError(error) && error.code === 'CANCELLED') throw error;
    const cids = isSoukError(error) && error.code === 'NO_PROVIDER' ? missingCids(error.details?.['missing']) : [];
    const missing = all.filter((one) => cids.includes(one.cid));
    if (missing.length > 0) throw noProvider(missing, error);
  }
}

function missingCids(value: unknown): unknown[] {
  return Array.isArray(value) ? value.map((one: unknown) => (typeof one === 'object' && one !== null && 'cid' in one ? one.cid : undefined)) : [];
}

function noProvider(missing: readonly Missing[], cause: unknown): SoukError {
  const names = missing.map((one) => `${one.name}@${one.version}`);
  const what = names.length === 1 ? `${names[0]} can't be had` : `${names.length} packages can't be had`;
  return new SoukError('NO_PROVIDER', `${what} now: no peer that can be reached holds ${names.length === 1 ? 'it' : names.join(', ')}.`, {
    hint: 'Nothing was installed. Try again when a site that has them is back.',
    details: { missing: missing.map(({ name, version, cid }) => ({ name, version, cid })) },
    cause,
  });
}

/** Downloads that run a few at a time; each blob once. */
class Downloads {
  readonly #running = new Map<Cid, Promise<void>>();
  readonly #failed: { readonly one: ProvenPackage; readonly error: unknown }[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #gateway: Gateway;
  readonly #content: ContentStore;
  readonly #signal: AbortSignal;
  readonly #progress: Progress;
  #active = 0;

  constructor(gateway: Gateway, content: ContentStore, signal: AbortSignal, progress: Progress) {
    this.#gateway = gateway;
    this.#content = content;
    this.#signal = signal;
    this.#progress = progress;
  }

  start(one: ProvenPackage): void {
    if (this.#running.has(one.cid)) return;
    const download = this.#download(one).catch((error: unknown) => {
      this.#failed.push({ one, error });
    });
    this.#running.set(one.cid, download);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  /** Throws the worst failure; blobs that can't be had are told of together. */
  async finished(): Promise<void> {
    await this.settled();
    if (this.#failed.length === 0) return;
    const gone = this.#failed.filter(({ error }) => isSoukError(error) && ['BLOB_NOT_FOUND', 'NO_PROVIDER'].includes(error.code));
    const other = this.#failed.find((one) => !gone.includes(one));
    if (other) throw named(other.one, other.error);
    throw noProvider(gone.map(({ one }) => one), gone[0]?.error);
  }

  async #download(one: ProvenPackage): Promise<void> {
    while (this.#active >= parallel) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#active += 1;
    try {
      const bytes = await this.#gateway.download(routes.getBlob, { params: { cid: one.cid } }, one.size);
      await this.#content.put(one, bytes, { signal: this.#signal, onBytes: (n) => this.#progress.add(n) });
    } finally {
      this.#active -= 1;
      this.#waiting.shift()?.();
    }
  }
}

/** The same error with the package it is about. */
function named(one: ProvenPackage, error: unknown): unknown {
  if (!isSoukError(error) || error.code === 'CANCELLED') return error;
  return new SoukError(error.code, `${one.name}@${one.version}: ${error.message}`, { hint: error.hint, details: { name: one.name, version: one.version, ...error.details }, cause: error });
}
