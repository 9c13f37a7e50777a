import { maxBound, readableFact, scopePatternOf, type Catalogue, type KeyId, type PublisherId, type SiteState, type StoredRecord, type VerifiedRecord, type Writer } from '@souk/domain';
import type { Log } from '@souk/nest';
import PQueue from 'p-queue';
import { soleOwnerOf } from './scope-owner.ts';
import type { SiteLog } from './site-log.ts';

/** A publisher was seen with a name. */
export interface Sight {
  readonly name: string;
  readonly publisher: PublisherId;
}

/** What releases say about who has which names, by the writers behind them. */
export function sightsOf(records: readonly VerifiedRecord[], writers: ReadonlyMap<KeyId, Writer>): Sight[] {
  const sights = new Map<string, Sight>();
  for (const record of records) {
    const fact = readableFact(record);
    const publisher = writers.get(record.key)?.publisher;
    if (fact?.kind === 'release' && publisher !== undefined) sights.set(fact.body.name, { name: fact.body.name, publisher });
  }
  return [...sights.values()];
}

type BindFact = { readonly kind: 'bind'; readonly body: { readonly names: string[]; readonly publisher: PublisherId; readonly by: 'sight' } };

/** Records that bind what is not bound yet, as few as there can be. */
function bindFacts(state: SiteState, sights: readonly Sight[]): BindFact[] {
  const byPublisher = new Map<PublisherId, Set<string>>();
  for (const { name, publisher } of sights) {
    if (state.bindings.get(name) !== undefined) continue;
    byPublisher.set(publisher, (byPublisher.get(publisher) ?? new Set()).add(name));
  }
  return [...byPublisher].flatMap(([publisher, names]) => {
    const all = [...names];
    return Array.from({ length: Math.ceil(all.length / maxBound) }, (_, part): BindFact => ({ kind: 'bind', body: { names: all.slice(part * maxBound, (part + 1) * maxBound), publisher, by: 'sight' } }));
  });
}

/** What a binder works on. */
export interface BinderNeeds {
  readonly siteLog: Pick<SiteLog, 'state' | 'note'>;
  readonly catalogue: Pick<Catalogue, 'names' | 'package'>;
  readonly log: Log;
}

/**
 * Writes first sights into the site log, so that they stay what they were whatever arrives later and in whatever order a peer that lost its
 * logs reads them again. A binding that a crash loses costs nothing: the name is bound when it is seen again.
 */
export class Binder {
  readonly #needs: BinderNeeds;
  /** What came from others, in its order. */
  readonly #turns = new PQueue({ concurrency: 1 });

  constructor(needs: BinderNeeds) {
    this.#needs = needs;
  }

  /** Binds names, and their scopes, to publishers that took them by an append that was judged. Never throws: what was appended is on disk. */
  async appended(sights: readonly Sight[]): Promise<void> {
    try {
      const { siteLog } = this.#needs;
      const news = sights.filter((one) => siteLog.state.bindings.get(one.name) === undefined);
      if (news.length === 0) return;
      const scopes = await this.#scopesOf(news);
      await siteLog.note((state) => bindFacts(state, [...news, ...scopes]));
    } catch (error) {
      this.#needs.log.warn('First sights were not written to the site log; they are when the names are seen again', { error });
    }
  }

  /** Binds names of releases that came from other peers. A name that came from several publishers at once stays nobody's. Never throws. */
  async arrived(records: readonly StoredRecord[]): Promise<void> {
    await this.#turns.add(async () => {
      try {
        await this.appended(await this.#sightsIn(records));
      } catch (error) {
        this.#needs.log.warn('First sights were not looked for; they are when the names are seen again', { error });
      }
    });
  }

  /** Waits for the bindings under way. */
  async settled(): Promise<void> {
    await this.#turns.onIdle();
  }

  async #sightsIn(records: readonly StoredRecord[]): Promise<Sight[]> {
    const names = new Set<string>();
    for (const { record } of records) {
      const fact = record.fields.kind === 'release' ? readableFact(record) : undefined;
      if (fact?.kind === 'release') names.add(fact.body.name);
    }
    const sights: Sight[] = [];
    for (const name of names) {
      if (this.#needs.siteLog.state.bindings.get(name) !== undefined) continue;
      const publisher = (await this.#needs.catalogue.package(name))?.publisher;
      if (publisher !== undefined) sights.push({ name, publisher });
    }
    return sights;
  }

  async #scopesOf(sights: readonly Sight[]): Promise<Sight[]> {
    const { siteLog, catalogue } = this.#needs;
    const scopes = new Set(sights.flatMap(({ name }) => scopePatternOf(name) ?? []));
    const found: Sight[] = [];
    for (const pattern of scopes) {
      if (siteLog.state.bindings.get(pattern) !== undefined) continue;
      const publisher = await soleOwnerOf(catalogue, pattern);
      if (publisher !== undefined) found.push({ name: pattern, publisher });
    }
    return found;
  }
}
