const private4 = /^(10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/;
const private6 = /^(::1$|f[cd]|fe[89ab])/i;

/**
 * What an address shares with those of the same owner, as far as one can tell: the first 24 bits of an IPv4 address, the first 48 of an
 * IPv6 address, a name or whatever else stands there as a whole. Peers of one group count together where quotas and diversity are meant.
 */
export function addressGroup(multiaddr: string): string {
  const [, protocol = '', host = ''] = multiaddr.split('/');
  if (protocol === 'ip4') return host.split('.').slice(0, 3).join('.');
  if (protocol === 'ip6') return expand6(host).slice(0, 3).join(':');
  return `${protocol}/${host}`.slice(0, 256);
}

/** Whether an address is of a range that is never routed between sites: there one group says nothing about one owner. */
export function isPrivateAddress(multiaddr: string): boolean {
  const [, protocol = '', host = ''] = multiaddr.split('/');
  if (protocol === 'ip4') return private4.test(host);
  if (protocol === 'ip6') return private6.test(host);
  return protocol === 'memory' || host === 'localhost';
}

/** The group of an address's owner; an address that is not routed between sites is a group of its own. */
export function ownerGroup(multiaddr: string): string {
  return isPrivateAddress(multiaddr) ? multiaddr : addressGroup(multiaddr);
}

function expand6(host: string): string[] {
  const [left = '', right = ''] = host.toLowerCase().split('::');
  const [head, tail] = [left.split(':').filter(Boolean), right.split(':').filter(Boolean)];
  const zeros = host.includes('::') ? Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0') : [];
  return [...head, ...zeros, ...tail];
}
