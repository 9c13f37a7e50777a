/** What resolving needs of `node:dns/promises`. */
export interface NameResolver {
  resolve4(name: string): Promise<string[]>;
  resolve6(name: string): Promise<string[]>;
  resolveTxt(name: string): Promise<string[][]>;
}

/** Most addresses that one configured address stands for. */
const maxAddresses = 64;
/** How many times `dnsaddr` may lead to `dnsaddr`. */
const maxDepth = 2;

/** Whether an address stands for several peers, and has to be resolved before they are dialled: `/dnsaddr/NAME`, or `/dns*` without a peer id. */
export function standsForMany(address: string): boolean {
  return address.startsWith('/dnsaddr/') || (/^\/dns[46]?\//.test(address) && !address.includes('/p2p/'));
}

/**
 * The addresses that a configured address stands for. `/dns/NAME/tcp/PORT` (also dns4, dns6): one for each A and AAAA record, which is each pod behind a
 * headless service. `/dnsaddr/NAME`: those of the TXT records of `_dnsaddr.NAME`, of one peer where it ends in `/p2p/ID`
 * (https://github.com/multiformats/multiaddr/blob/master/protocols/DNSADDR.md). Any other stands for itself. Throws what the resolver throws.
 */
export async function resolveAddress(address: string, resolver: NameResolver, depth = 0): Promise<readonly string[]> {
  if (!standsForMany(address)) return [address];
  const [, protocol = '', name = '', ...rest] = address.split('/');
  const found = protocol === 'dnsaddr' ? await listed(name, rest, resolver, depth) : await hosts(protocol, name, rest, resolver);
  return [...new Set(found)].slice(0, maxAddresses);
}

async function hosts(protocol: string, name: string, rest: readonly string[], resolver: NameResolver): Promise<readonly string[]> {
  const wanted = [...(protocol === 'dns6' ? [] : [resolver.resolve4(name).then((all) => all.map((one) => `/ip4/${one}`))]), ...(protocol === 'dns4' ? [] : [resolver.resolve6(name).then((all) => all.map((one) => `/ip6/${one}`))])];
  const answers = await Promise.allSettled(wanted);
  const found = answers.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  const failed = answers.find((one) => one.status === 'rejected');
  if (found.length === 0 && failed) throw failed.reason;
  return found.sort().map((host) => [host, ...rest].join('/'));
}

async function listed(name: string, rest: readonly string[], resolver: NameResolver, depth: number): Promise<readonly string[]> {
  if (depth > maxDepth) return [];
  const records = (await resolver.resolveTxt(`_dnsaddr.${name}`)).map((pieces) => pieces.join(''));
  const named = records.flatMap((record) => /^dnsaddr=(\/\S{1,500})$/.exec(record)?.[1] ?? []).slice(0, maxAddresses);
  const suffix = rest.length === 0 ? '' : `/${rest.join('/')}`;
  const resolved = await Promise.all(named.map((one) => resolveAddress(one, resolver, depth + 1)));
  return resolved.flat().filter((one) => one.endsWith(suffix)).sort();
}
