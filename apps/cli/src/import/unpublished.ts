import { routes, type KnownVersion } from '@souk/contracts';
import { SoukError } from '@souk/domain';
import type { Gateway } from '../gateway/gateway.ts';
import type { Candidate } from './candidate.ts';
import type { Patience } from './patience.ts';
import type { Refusals } from './refusals.ts';
import type { Signers } from './signers.ts';

const idOf = ({ name, version }: { readonly name: string; readonly version: string }): string => `${name}@${version}`;

/** What stands in the way of a package, undefined when the very same is published already. */
function conflictWith(candidate: Candidate, tree: string): SoukError | undefined {
  if (tree === candidate.tree) return undefined;
  const { name, version } = candidate;
  return new SoukError('VERSION_EXISTS', `${name}@${version} is published already, with other files.`, { hint: 'A published version never changes: raise the version.', details: { name, version, sameTree: false } });
}

function nameTaken({ name }: Candidate, publisher: string | undefined): SoukError {
  if (publisher === undefined) return new SoukError('CONTESTED_NAME', `${name} is claimed by several publishers.`, { details: { name } });
  return new SoukError('NAME_TAKEN', `${name} belongs to the publisher ${publisher}.`, { hint: 'Import it under another name, best under a scope of your own: @you/name.', details: { name, publisher } });
}

/** Which packages of a file are not published yet: what the site says, and what the file itself said a moment ago. */
export class Unpublished {
  readonly #gateway: Gateway;
  readonly #signers: Signers;
  readonly #refusals: Refusals;
  readonly #patience: Patience;
  /** Trees of what was let through and may not be at the site yet: of the last batches, the newest last. */
  readonly #recent: Map<string, string>[] = [];
  /** Packages that were published already. */
  already = 0;

  constructor(needs: { readonly gateway: Gateway; readonly signers: Signers; readonly refusals: Refusals; readonly patience: Patience }) {
    this.#gateway = needs.gateway;
    this.#signers = needs.signers;
    this.#refusals = needs.refusals;
    this.#patience = needs.patience;
  }

  /** Those of a batch that are to be published; the others are counted as published already, or refused. */
  async of(candidates: readonly Candidate[]): Promise<Candidate[]> {
    if (candidates.length === 0) return [];
    const known = await this.#known(candidates);
    const mine = new Map<string, string>();
    // One is appended, one signed, one uploaded and one waits for that while the next is looked up.
    this.#recent.push(mine);
    if (this.#recent.length > 5) this.#recent.shift();
    const news: Candidate[] = [];
    for (const candidate of candidates) {
      const verdict = this.#judge(candidate, known.get(idOf(candidate)));
      if (verdict === 'already') this.already += 1;
      else if (verdict !== 'new') this.#refusals.add(candidate, verdict);
      else {
        mine.set(idOf(candidate), candidate.tree);
        news.push(candidate);
      }
    }
    return news;
  }

  /** A batch is not at the site after all, and will be looked up again. */
  forget(candidates: readonly Candidate[]): void {
    for (const candidate of candidates) for (const recent of this.#recent) recent.delete(idOf(candidate));
  }

  #judge(candidate: Candidate, known: KnownVersion | undefined): 'new' | 'already' | SoukError {
    const tree = this.#recent.map((recent) => recent.get(idOf(candidate))).find((one) => one !== undefined);
    if (tree !== undefined) return conflictWith(candidate, tree) ?? 'already';
    if (known === undefined) return 'new';
    if (known.publisher !== this.#signers.publisherOf(candidate.name)) return nameTaken(candidate, known.publisher);
    return known.bound ? (conflictWith(candidate, known.bound.tree) ?? 'already') : 'new';
  }

  async #known(candidates: readonly Candidate[]): Promise<ReadonlyMap<string, KnownVersion>> {
    const versions = [...new Map(candidates.map(({ name, version }) => [idOf({ name, version }), { name, version }])).values()];
    const { known } = await this.#patience(() => this.#gateway.call(routes.postVersions, { body: { versions } }));
    return new Map(known.map((one) => [idOf(one), one]));
  }
}
