import type { PublisherId } from '../id/key-id.ts';
import { scopeOf } from '../id/package-name.ts';
import type { BodyOf } from '../record/body.ts';

/** To whom a name or scope belongs at this site, and why. */
export interface Binding {
  readonly publisher: PublisherId;
  readonly by: 'sight' | 'policy';
  /** The version of the network's charter that decided so. */
  readonly charter?: number;
}

/** The pattern of all names of a name's scope, undefined for an unscoped name. */
export function scopePatternOf(name: string): string | undefined {
  const scope = scopeOf(name);
  return scope === undefined ? undefined : `@${scope}/*`;
}

/** Which names and scopes belong to whom, as the records of a site log in their order make it. */
export class NameBindings {
  readonly #bound = new Map<string, Binding>();
  /** What the network's charter says. */
  readonly #chartered = new Map<string, Binding>();

  /** Takes a binding: a decision replaces what was, a first sight counts for what is not bound. */
  takeBind({ names, publisher, by, charter }: BodyOf<'bind'>): void {
    for (const name of names) {
      if (charter !== undefined) this.#chartered.set(name, { publisher, by, charter });
      else if (by === 'policy' || !this.#bound.has(name)) this.#bound.set(name, { publisher, by });
    }
  }

  /** Takes a binding back. */
  takeUnbind({ name, charter }: BodyOf<'unbind'>): void {
    (charter === undefined ? this.#bound : this.#chartered).delete(name);
  }

  /** The binding of exactly this name or scope pattern. */
  get(name: string): Binding | undefined {
    return this.#chartered.get(name) ?? this.#bound.get(name);
  }

  /** What counts for a name: the charter about it or its scope, a decision about it, then one about its scope, then its first sight. */
  of(name: string): Binding | undefined {
    const pattern = scopePatternOf(name);
    const chartered = this.#chartered.get(name) ?? (pattern === undefined ? undefined : this.#chartered.get(pattern));
    if (chartered) return chartered;
    const own = this.#bound.get(name);
    if (own?.by === 'policy') return own;
    const scope = pattern === undefined ? undefined : this.#bound.get(pattern);
    return scope?.by === 'policy' ? scope : own;
  }

  /** Who may publish a name that is new here: as `of`, and the first sight of its scope. */
  forNew(name: string): Binding | undefined {
    const pattern = scopePatternOf(name);
    return this.of(name) ?? (pattern === undefined ? undefined : this.#bound.get(pattern));
  }

  /** What the charter of the network says, by name. */
  chartered(): ReadonlyMap<string, Binding> {
    return this.#chartered;
  }

  /** Bindings in ascending order of their names, those after `after`; at most `limit`. */
  list(after: string | undefined, limit: number, by?: Binding['by']): readonly (Binding & { readonly name: string })[] {
    const all = [...new Set([...this.#bound.keys(), ...this.#chartered.keys()])].map((name) => ({ name, ...(this.get(name) as Binding) }));
    const wanted = all.filter((one) => (after === undefined || one.name > after) && (by === undefined || one.by === by));
    return wanted.sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, limit);
  }
}
