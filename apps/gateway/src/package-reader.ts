import { Injectable } from '@nestjs/common';
import { nearestNames, readPackage, readVersion, type PackageDoc, type VersionDoc } from '@souk/contracts';
import { isSoukError, SoukError, type PackageName } from '@souk/domain';
import { PeerReads, Rpc } from '@souk/nest';

/** Packages and versions as the peer has them; a name that does not exist is answered with names that may have been meant. */
@Injectable()
export class PackageReader {
  constructor(
    private readonly rpc: Rpc,
    private readonly peers: PeerReads,
  ) {}

  /** Throws PACKAGE_NOT_FOUND with near names, CONTESTED_NAME. */
  package(name: PackageName): Promise<PackageDoc> {
    return this.#near(name, this.peers.call(readPackage, { name }));
  }

  /** Throws PACKAGE_NOT_FOUND with near names, VERSION_NOT_FOUND with the versions there are, CONTESTED_NAME. */
  version(name: PackageName, version: string): Promise<VersionDoc> {
    return this.#near(name, this.peers.call(readVersion, { name, version }));
  }

  async #near<T>(name: string, answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (!isSoukError(error) || error.code !== 'PACKAGE_NOT_FOUND') throw error;
      const near = await this.rpc.call(nearestNames, { name, limit: 3 }).then(
        (found) => found.names,
        () => [],
      );
      throw new SoukError(error.code, error.message, { hint: near.length > 0 ? `Did you mean ${near.join(', ')}?` : error.hint, details: { ...error.details, near } });
    }
  }
}
