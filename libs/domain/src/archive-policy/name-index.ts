import { violation, type Violation } from './archive-rules.ts';
import { foldPath } from './path-rules.ts';

interface Named {
  readonly path: string;
  readonly folder: boolean;
}

/** All names of an archive so far, folders that only follow from a file's name included, so that no two can become one file. */
export class NameIndex {
  readonly #byKey = new Map<string, Named>();
  readonly #folders = new Set<string>();

  /** How many names there are. */
  get size(): number {
    return this.#byKey.size;
  }

  /**
   * Adds one name and its folders. `path` has passed the path rules; `entry` is how the archive spells it, for the answer.
   * A folder may be named again; anything else that is there already, in this or a colliding spelling, is a violation and is not added.
   */
  add(path: string, folder: boolean, entry: string): Violation | undefined {
    for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) {
      const collision = this.#addFolder(path.slice(0, end), entry);
      if (collision) return collision;
    }
    if (folder) return this.#addFolder(path, entry);
    return this.#claim({ path, folder: false }, entry);
  }

  #addFolder(path: string, entry: string): Violation | undefined {
    if (this.#folders.has(path)) return undefined;
    const collision = this.#claim({ path, folder: true }, entry);
    if (!collision) this.#folders.add(path);
    return collision;
  }

  #claim(name: Named, entry: string): Violation | undefined {
    const key = foldPath(name.path);
    const there = this.#byKey.get(key);
    if (!there) {
      this.#byKey.set(key, name);
      return undefined;
    }
    if (there.path !== name.path) return violation('case-collision', entry, `"${name.path}" and "${there.path}" are one name on some systems.`);
    if (there.folder !== name.folder) return violation('file-and-folder', entry, `"${name.path}" is a file and a folder.`);
    return violation('duplicate-name', entry, `"${name.path}" occurs twice.`);
  }
}
