import { lstat, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isSoukError } from '@souk/domain';
import { readNpmManifest, type NpmManifest } from './npm-manifest.ts';

/** A package in node_modules, with the fields of npm's dependency tree that choosing the files to pack needs. */
export interface BundleNode {
  /** Where it lies, or the link to it. */
  readonly path: string;
  readonly package: NpmManifest;
  readonly isProjectRoot: boolean;
  readonly isLink: boolean;
  /** Itself, or what a link leads to. */
  readonly target: BundleNode;
  readonly edgesOut: Map<string, { readonly to: BundleNode; readonly peer: boolean; readonly dev: boolean }>;
}

const oneName = /^(?:@[^/\\]+\/)?[^/\\]+$/;

function node(path: string, manifest: NpmManifest, isProjectRoot: boolean, target?: BundleNode): BundleNode {
  const made = { path, package: manifest, isProjectRoot, isLink: target !== undefined, edgesOut: target?.edgesOut ?? new Map(), target: target as BundleNode };
  if (!target) made.target = made;
  return made;
}

/** Packages installed in the node_modules folders of one project. */
class InstalledPackages {
  readonly #root: string;
  readonly #nodes = new Map<string, BundleNode>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Gives a package its edges to those of `names` that are installed where it would find them, and so on from there. */
  async connect(from: BundleNode, names: readonly string[]): Promise<void> {
    for (const name of names) {
      const to = oneName.test(name) && !name.split('/').some((part) => part.startsWith('.')) ? await this.#find(name, from.path) : undefined;
      if (to) from.edgesOut.set(name, { to, peer: false, dev: false });
    }
  }

  async #find(name: string, from: string): Promise<BundleNode | undefined> {
    for (let folder = from; folder.startsWith(this.#root); folder = dirname(folder)) {
      const found = await this.#load(join(folder, 'node_modules', name));
      if (found) return found;
    }
    return undefined;
  }

  async #load(path: string): Promise<BundleNode | undefined> {
    const known = this.#nodes.get(path);
    if (known) return known;
    const manifest = await readNpmManifest(path).catch((error: unknown) => {
      if (isSoukError(error) && error.code === 'BAD_MANIFEST') return undefined;
      throw error;
    });
    if (!manifest) return undefined;
    const isLink = (await lstat(path)).isSymbolicLink();
    const made = node(path, manifest, false, isLink ? node(await realpath(path), manifest, false) : undefined);
    this.#nodes.set(path, made);
    await this.connect(made, [...Object.keys(manifest.dependencies), ...Object.keys(manifest.optionalDependencies)]);
    return made;
  }
}

/** The part of a folder's dependency tree that npm needs to pack it: the folder itself and what it bundles from node_modules. */
export async function bundleTree(root: string, manifest: NpmManifest): Promise<BundleNode> {
  const project = node(root, manifest, true);
  const peers = new Set(Object.keys(manifest.peerDependencies));
  await new InstalledPackages(root).connect(project, manifest.bundleDependencies.filter((name) => !peers.has(name)));
  return project;
}
