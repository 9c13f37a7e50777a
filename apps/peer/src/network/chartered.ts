import { superAddresses, type Charter, type Introduction } from '@souk/domain';
import type { Role } from '@souk/contracts';

/** Where a charter is held, or not. */
export interface HoldsCharter {
  current(): Charter | undefined;
}

/** What a peer is told of super-peers by its own configuration. */
export interface ConfiguredSupers {
  readonly role: Role;
  /** SOUK_SUPERS. */
  readonly supers: readonly string[] | undefined;
  /** Peers that it was told to join. */
  readonly invited: readonly string[];
}

/**
 * Where the network's super-peers are. With a charter: those that it names, at its addresses and at configured ones of the same peers; nobody
 * else counts as super-peer then. Without one: those that are configured, and for a leaf whom it was told to join.
 */
export function supersOf(charter: Charter | undefined, { role, supers, invited }: ConfiguredSupers): readonly string[] {
  if (!charter) return supers ?? (role === 'leaf' ? invited : []);
  const ids = new Set<string | undefined>(charter.supers.map((one) => one.peer));
  return [...new Set([...superAddresses(charter), ...(supers ?? []).filter((address) => ids.has(address.split('/p2p/')[1]))])];
}

/** What one other peer may introduce in a day: what is configured, or less where the charter that is held says so; asked each time. */
export function introductionLimits(configured: Introduction, holder: HoldsCharter): Introduction {
  const lower = (what: keyof Introduction): number => Math.min(configured[what], holder.current()?.limits[what] ?? Infinity);
  return {
    get logs() {
      return lower('logs');
    },
    get names() {
      return lower('names');
    },
    get bytes() {
      return lower('bytes');
    },
  };
}
