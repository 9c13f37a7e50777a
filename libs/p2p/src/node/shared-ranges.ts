import { BlockList, isIP } from 'node:net';
import { SoukError } from '@souk/domain';

/** Loopback, private, link-local and carrier-grade ranges (RFC 1122, 1918, 3927, 6598, 4193, 4291): where pods, hosts and offices live. */
export const defaultSharedRanges: readonly string[] = ['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '100.64.0.0/10', '::1/128', 'fc00::/7', 'fe80::/10'];

/** Addresses from which any number of peers may come; elsewhere many peers of one address count as one attacker. */
export class SharedRanges {
  readonly #ranges = new BlockList();

  /** `cidrs`: such as `10.0.0.0/8` or `fd00::/8`. Throws BAD_REQUEST for what is none. */
  constructor(cidrs: readonly string[]) {
    for (const cidr of cidrs) this.#add(cidr);
  }

  /** Whether an IP address is in one of the ranges; an IPv4 address that is mapped into IPv6 counts as what it is. */
  has(ip: string): boolean {
    const version = isIP(ip);
    return version !== 0 && this.#ranges.check(ip, version === 4 ? 'ipv4' : 'ipv6');
  }

  /** Whether a multiaddr begins with an IP address in one of the ranges, or is of this process, where no stranger comes from. */
  hasAddress(address: string): boolean {
    if (address.startsWith('/memory/')) return true;
    const [, ip] = /^\/ip[46]\/([^/]+)/.exec(address) ?? [];
    return ip !== undefined && this.has(ip);
  }

  #add(cidr: string): void {
    const [ip = '', prefix = ''] = cidr.split('/');
    const version = isIP(ip);
    const bits = Number(prefix);
    if (version === 0 || !/^\d{1,3}$/.test(prefix) || bits > (version === 4 ? 32 : 128)) {
      throw new SoukError('BAD_REQUEST', `"${cidr.slice(0, 80)}" is not a range of addresses.`, { hint: 'It looks like 10.0.0.0/8 or fd00::/8.' });
    }
    this.#ranges.addSubnet(ip, bits, version === 4 ? 'ipv4' : 'ipv6');
  }
}
