import type { Catalogue, Cid, KeyId, PackageState, Writer } from '@souk/domain';

/** A version of a package, by name. */
export interface NamedVersion {
  readonly name: string;
  readonly version: string;
}

/** Where this peer reads packages from: what it holds, and what it asks others for where it does not follow everything. */
export abstract class PackageSource implements Pick<Catalogue, 'package' | 'writer'> {
  /** The state of a package; undefined when nobody published it. Throws UNAVAILABLE where nobody can be asked. */
  abstract package(name: string): Promise<PackageState | undefined>;
  /** For whom a key writes. */
  abstract writer(key: KeyId): Promise<Writer>;
  /** Asks at once for some packages that will be read then. Throws as `package` does, CANCELLED. */
  abstract bring(names: readonly string[], signal: AbortSignal): Promise<void>;
  /** Versions that a blob belongs to, of packages that were read lately and are not held. */
  abstract versionsOf(cid: Cid): readonly NamedVersion[];
}

/** The packages of a peer that follows all logs. */
export class HeldPackages extends PackageSource {
  readonly #catalogue: Catalogue;

  constructor(catalogue: Catalogue) {
    super();
    this.#catalogue = catalogue;
  }

  package(name: string): Promise<PackageState | undefined> {
    return this.#catalogue.package(name);
  }

  writer(key: KeyId): Promise<Writer> {
    return this.#catalogue.writer(key);
  }

  async bring(): Promise<void> {
    // Everything that there is is held.
  }

  versionsOf(): readonly NamedVersion[] {
    return [];
  }
}
