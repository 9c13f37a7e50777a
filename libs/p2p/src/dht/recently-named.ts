/** How long something is remembered, in milliseconds, and of how many. */
export interface RecentlyNamedOptions {
  readonly most: number;
  readonly forMs: number;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
}

/** Names that were heard lately, each with what was said of it. Of more than `most` all are forgotten that were not heard for the longest, half of them at a time. */
export class RecentlyNamed {
  readonly #options: RecentlyNamedOptions;
  #young = new Map<string, { readonly said: string; readonly at: number }>();
  #old: ReadonlyMap<string, { readonly said: string; readonly at: number }> = new Map();

  constructor(options: RecentlyNamedOptions) {
    this.#options = options;
  }

  /** Whether a name was not heard lately, or something else was said of it; from now on it was. */
  isNews(name: string, said: string): boolean {
    const { most, forMs, now } = this.#options;
    const known = this.#young.get(name) ?? this.#old.get(name);
    if (known?.said === said && now() < known.at + forMs) return false;
    this.#young.set(name, { said, at: now() });
    if (this.#young.size >= most / 2) [this.#old, this.#young] = [this.#young, new Map()];
    return true;
  }
}
