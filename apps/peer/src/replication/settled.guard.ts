import { Injectable, type CanActivate } from '@nestjs/common';
import { SoukError } from '@souk/domain';
import { PeerRuntime } from '../peer-runtime.ts';

/**
 * Lets nobody read from a peer of several that does not hold yet what its site holds: to a reader an empty disk looks like a site without packages,
 * and without accounts. Throws UNAVAILABLE, which sends readers to another peer.
 */
@Injectable()
export class SettledGuard implements CanActivate {
  constructor(private readonly peer: PeerRuntime) {}

  canActivate(): boolean {
    const { place, mark } = this.peer.site;
    if (place.peers === 1 || mark.isSettled) return true;
    throw new SoukError('UNAVAILABLE', 'This peer does not hold yet what its site holds.', { hint: 'Another peer of the site answers; /readyz of this one says what it waits for.' });
  }
}
