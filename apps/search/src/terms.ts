/** Where a term occurs: documents, in no order, each once, and how much it weighs in each. */
export interface Postings {
  readonly docs: number[];
  readonly weights: number[];
}

/** Terms lie in drawers by their first characters, so that the terms with a beginning are found without looking at all. */
const drawerLength = 3;

const drawerOf = (term: string): string => term.slice(0, drawerLength);

/** The terms of an index and where each occurs. */
export class Terms {
  readonly #drawers = new Map<string, Map<string, Postings>>();

  /** Notes that a term occurs in a document, in which it was not noted yet. */
  add(term: string, doc: number, weight: number): void {
    let drawer = this.#drawers.get(drawerOf(term));
    if (!drawer) this.#drawers.set(drawerOf(term), (drawer = new Map()));
    const postings = drawer.get(term);
    if (postings) {
      postings.docs.push(doc);
      postings.weights.push(weight);
    } else drawer.set(term, { docs: [doc], weights: [weight] });
  }

  /** Forgets that a term occurs in a document; harmless when it does not. */
  remove(term: string, doc: number): void {
    const drawer = this.#drawers.get(drawerOf(term));
    const postings = drawer?.get(term);
    const at = postings?.docs.indexOf(doc) ?? -1;
    if (!drawer || !postings || at === -1) return;
    takeOut(postings.docs, at);
    takeOut(postings.weights, at);
    if (postings.docs.length === 0) drawer.delete(term);
    if (drawer.size === 0) this.#drawers.delete(drawerOf(term));
  }

  /** Where the terms with this beginning occur, term by term. */
  *startingWith(prefix: string): Generator<Postings, void, undefined> {
    if (prefix.length < drawerLength) {
      for (const [key, drawer] of this.#drawers) if (key.startsWith(prefix)) yield* drawer.values();
      return;
    }
    for (const [term, postings] of this.#drawers.get(drawerOf(prefix)) ?? []) if (term.startsWith(prefix)) yield postings;
  }
}

/** Removes one element of a list whose order does not matter. */
function takeOut(list: number[], at: number): void {
  const last = list.pop() as number;
  if (at < list.length) list[at] = last;
}
