import type { FrameNode } from '@souk/contracts';
import { signFresh, SoukError, type HeadTree, type SignedStatement, type Signer } from '@souk/domain';

/** What signing needs. */
export interface FreshSignerNeeds {
  readonly signer: Signer;
  /** The tree of the heads that are held. */
  tree(): Promise<HeadTree>;
  /** Milliseconds since 1970. */
  now(): number;
  /** How long a statement is given out, in milliseconds. */
  readonly everyMs: number;
}

interface Signed {
  readonly statement: SignedStatement;
  readonly at: number;
  readonly tree: HeadTree;
}

/** A super-peer's statement of what there is, signed anew when somebody asks and the last one is old; with the tree that it is about, as it was. */
export class FreshSigner {
  readonly #needs: FreshSignerNeeds;
  /** The last one, and the one before: whoever is reading its tree can go on. */
  #signed: readonly Signed[] = [];
  #signing: Promise<SignedStatement> | undefined;

  constructor(needs: FreshSignerNeeds) {
    this.#needs = needs;
  }

  /** The statement that counts now. */
  current(): Promise<SignedStatement> {
    const [last] = this.#signed;
    if (last && last.at + this.#needs.everyMs > this.#needs.now()) return Promise.resolve(last.statement);
    this.#signing ??= this.#sign().finally(() => (this.#signing = undefined));
    return this.#signing;
  }

  /** Nodes of a tree that was signed. Throws BAD_FRAME for a root that was not, or not lately. */
  nodes(root: string, at: readonly string[]): FrameNode[] {
    const signed = this.#signed.find((one) => one.tree.root === root);
    if (!signed) throw new SoukError('BAD_FRAME', 'The peer asked for a tree that is not signed here.');
    return at.map((path) => {
      const node = signed.tree.nodeAt(path);
      return 'heads' in node ? { heads: [...node.heads] } : node;
    });
  }

  async #sign(): Promise<SignedStatement> {
    const { signer, now, tree } = this.#needs;
    const held = await tree();
    const at = now();
    const statement = signFresh(held.root, at, signer).signed;
    this.#signed = [{ statement, at, tree: held }, ...this.#signed.slice(0, 1)];
    return statement;
  }
}
