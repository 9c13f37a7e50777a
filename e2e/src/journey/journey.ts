import { globSync, readFileSync } from 'node:fs';
import { untar, type FileTree } from '../packages/file-tree.ts';
import { identityIn, journeyGoods, type Goods } from '../packages/journey-goods.ts';
import { ownCid, ownIntegrity } from '../packages/own-cid.ts';
import { Scenario } from '../scenario/scenario.ts';
import type { Site } from '../scenario/site.ts';
import { until } from '../scenario/until.ts';

/** The three sites of the journey, in whatever mode they run. */
export interface JourneySites {
  readonly a: Site;
  readonly b: Site;
  readonly c: Site;
}

interface Original {
  readonly tree: FileTree;
  readonly version: string;
  readonly cid: string;
  readonly integrity: string;
}

/** Where the story takes place: sites A, B, which joined A, and C, which joined B, and real packages to publish. */
export class Journey {
  readonly world = new Scenario();
  readonly sites: JourneySites;
  #goods: Goods | undefined;
  readonly #originals = new Map<string, Original>();

  constructor(make: (world: Scenario) => JourneySites) {
    this.sites = make(this.world);
    this.sites.b.joins(this.sites.a);
    this.sites.c.joins(this.sites.b);
  }

  /** Fetches the packages and starts A and B. */
  async begin(): Promise<void> {
    this.#goods = await journeyGoods(this.world.folder('goods'));
    for (const [name, file] of this.#goods.files) {
      const folder = this.world.folder('originals', name);
      const [tree, bytes] = [await untar(file, folder), readFileSync(file)];
      this.#originals.set(name, { tree, version: identityIn(folder).version, cid: ownCid(bytes), integrity: ownIntegrity(bytes) });
    }
    await this.sites.a.start();
    await this.sites.b.start();
  }

  /** The packages. */
  get goods(): Goods {
    if (!this.#goods) throw new Error('The journey has not begun.');
    return this.#goods;
  }

  /** A package's line in a lockfile. */
  locked(name: string): { version: string; cid: string; integrity: string } {
    const { version, cid, integrity } = this.#original(name);
    return { version, cid, integrity };
  }

  /** A package's name, version and cid. */
  pinned(name: string): { name: string; version: string; cid: string } {
    return { name, version: this.#original(name).version, cid: this.#original(name).cid };
  }

  /** The newest version of every package, by our own reading. */
  get versions(): Record<string, string> {
    return Object.fromEntries([...this.#originals].map(([name, { version }]) => [name, version]));
  }

  /** Whether a package's archive lies on a site's disk. */
  holds(site: Site, name: string): boolean {
    return globSync(`blobs/*/${this.#original(name).cid}`, { cwd: site.data }).length === 1;
  }

  /** Waits until all sites have the same records, and answers the root of their heads. */
  async oneHeadRoot(): Promise<unknown> {
    const headRoot = async (site: Site): Promise<unknown> => ((await this.world.person('operator').at(site).souk('network')).json as { headRoot?: string }).headRoot;
    const read = (): Promise<unknown[]> => Promise.all(Object.values(this.sites).map(headRoot));
    const [root] = await until({ what: 'one head root at A, B and C', read, isDone: (roots) => new Set(roots).size === 1 });
    return root;
  }

  /** The files of packages as an install should lay them out, by our own reading of their archives. */
  files(names: readonly string[]): FileTree {
    return Object.fromEntries(names.flatMap((name) => Object.entries(this.#original(name).tree).map(([path, line]) => [`${name}/${path}`, line])));
  }

  #original(name: string): Original {
    return this.#originals.get(name) ?? { tree: {}, version: 'not among the goods', cid: '', integrity: '' };
  }
}
