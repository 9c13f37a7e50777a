import { SoukError } from '../errors/souk-error.ts';
import type { CharterFields, CharterLimits, CharterScope } from './charter.ts';

/** What to change of a charter. */
export interface Amendment {
  /** Multiaddrs of super-peers to add, each with `/p2p/<peer id>`; an address of one that is there already is added to its others. */
  readonly supers?: readonly string[];
  /** Peer ids of super-peers to leave out. */
  readonly dropSupers?: readonly string[];
  /** Bindings to add or replace. */
  readonly scopes?: readonly CharterScope[];
  /** Names and scopes to bind no longer. */
  readonly dropScopes?: readonly string[];
  readonly limits?: CharterLimits;
}

function missing(what: string): SoukError {
  return new SoukError('NOT_FOUND', `The charter does not have ${what}.`, { hint: 'See what it says: souk network charter.' });
}

function withSuper(supers: CharterFields['supers'], multiaddr: string): CharterFields['supers'] {
  const [, address, peer] = /^(\/.+)\/p2p\/([A-Za-z0-9]+)$/.exec(multiaddr) ?? [];
  if (address === undefined || peer === undefined) throw new SoukError('BAD_REQUEST', `"${multiaddr.slice(0, 80)}" is not the address of a super-peer.`, { hint: 'It looks like /dns4/souk.example.org/tcp/7686/p2p/12D3Koo...; the super-peer prints it.' });
  const known = supers.find((one) => one.peer === peer);
  if (!known) return [...supers, { peer, addresses: [address] }];
  return supers.map((one) => (one === known && !one.addresses.includes(address) ? { ...one, addresses: [...one.addresses, address] } : one));
}

/** The next version of a charter's fields, signed at a time (milliseconds since 1970). Throws NOT_FOUND for what is to be dropped and is not there, BAD_REQUEST. */
export function amended(fields: CharterFields, amendment: Amendment, at: number): CharterFields {
  const { supers: added = [], dropSupers = [], scopes = [], dropScopes = [], limits } = amendment;
  for (const peer of dropSupers) if (!fields.supers.some((one) => one.peer === peer)) throw missing(`the super-peer ${peer}`);
  for (const name of dropScopes) if (!fields.scopes.some((one) => one.name === name)) throw missing(`a binding of ${name}`);
  const kept = fields.supers.filter((one) => !dropSupers.includes(one.peer));
  const replaced = new Set<string>([...dropScopes, ...scopes.map((one) => one.name)]);
  return {
    network: fields.network,
    version: fields.version + 1,
    at,
    supers: added.reduce(withSuper, kept),
    scopes: [...fields.scopes.filter((one) => !replaced.has(one.name)), ...scopes],
    limits: { ...fields.limits, ...limits },
  };
}
