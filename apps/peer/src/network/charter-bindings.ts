import { maxBound, type Charter, type SiteState } from '@souk/domain';
import type { Log } from '@souk/nest';
import type { SiteLog } from '../site-log/site-log.ts';
import type { HoldsCharter } from './chartered.ts';

type BindFact = { readonly kind: 'bind'; readonly body: { readonly names: string[]; readonly publisher: string; readonly by: 'policy'; readonly charter: number } };
type UnbindFact = { readonly kind: 'unbind'; readonly body: { readonly name: string; readonly charter: number } };

/** How often it is looked whether the site log says what the charter does, in milliseconds. */
const againMs = 60_000;

/** What the site log has to say for it to agree with a charter. */
export function charterFacts(state: Pick<SiteState, 'bindings'>, { version, scopes }: Charter): (BindFact | UnbindFact)[] {
  const said = state.bindings.chartered();
  const gone = [...said.keys()].filter((name) => !scopes.some((one) => one.name === name));
  const news = Map.groupBy(scopes.filter((one) => said.get(one.name)?.publisher !== one.publisher), (one) => one.publisher);
  const binds = [...news].flatMap(([publisher, all]) =>
    Array.from({ length: Math.ceil(all.length / maxBound) }, (_, part): BindFact => {
      const names = all.slice(part * maxBound, (part + 1) * maxBound).map((one) => one.name);
      return { kind: 'bind', body: { names, publisher, by: 'policy', charter: version } };
    }),
  );
  return [...gone.map((name): UnbindFact => ({ kind: 'unbind', body: { name, charter: version } })), ...binds];
}

/** What writing the charter's bindings needs. */
export interface CharterBindingsNeeds {
  readonly siteLog: Pick<SiteLog, 'note'>;
  readonly charter: HoldsCharter;
  readonly log: Log;
}

/**
 * Writes what the charter binds into the site log, at the peer that writes it: from there the other peers of the site, the search index and the
 * gateways know it as they know every decision. What could not be written, because a disk was full or this peer was not the writer yet, is written later.
 */
export class CharterBindings {
  readonly #needs: CharterBindingsNeeds;
  #timer: NodeJS.Timeout | undefined;

  constructor(needs: CharterBindingsNeeds) {
    this.#needs = needs;
  }

  /** Begins. Never throws. */
  async start(): Promise<void> {
    this.#timer = setInterval(() => void this.apply(), againMs).unref();
    await this.apply();
  }

  /** Writes what is missing. Never throws. */
  async apply(): Promise<void> {
    const { siteLog, charter, log } = this.#needs;
    try {
      await siteLog.note((state) => {
        const held = charter.current();
        return held ? charterFacts(state, held) : [];
      });
    } catch (error) {
      log.warn('What the charter binds was not written to the site log; it is tried again', { error });
    }
  }

  /** Ends. */
  stop(): void {
    clearInterval(this.#timer);
  }
}
