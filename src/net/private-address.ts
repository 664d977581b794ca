/** The addresses that may be reached on behalf of a person: those of the public internet, and the allowed hosts. */
import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** An address that is not public, found when a name was resolved. */
export class PrivateAddress extends Error {
  override readonly name = 'PrivateAddress';
}

/**
 * Whether a host may be reached at any address. Entries are `host` or `host:port`; an IPv6 address with or without [].
 */
export const isAllowed = (url: URL, allowed: readonly string[]): boolean => {
  const host = url.hostname.toLowerCase();
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  const names = [host, `${host}:${port}`, host.replace(/^\[(.*)\]$/, '$1')];
  return allowed.some((entry) => names.includes(entry.toLowerCase()));
};

/** @throws PrivateAddress for a host that is a literal address: it is never resolved */
export const checkLiteral = ({ hostname }: URL): void => {
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(address) !== 0 && !isPublic(address)) throw new PrivateAddress();
};

/** Resolves a name for a connection, which goes to the very addresses that were checked. */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error !== null) return callback(error, '');
    const [first] = addresses;
    if (first === undefined || !addresses.every(({ address }) => isPublic(address))) {
      return callback(new PrivateAddress(), '');
    }
    if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

/** According to the IANA registries of special-purpose addresses. */
export const isPublic = (address: string): boolean => {
  if (isIP(address) === 4) return !PRIVATE.check(address, 'ipv4');
  const mapped = mappedIn(address);
  if (mapped !== null) return !PRIVATE.check(mapped, 'ipv4');
  return (
    isIP(address) === 6 && !address.includes('%') && GLOBAL.check(address, 'ipv6') && !PRIVATE.check(address, 'ipv6')
  );
};

/** The IPv4 address in ::ffff:a.b.c.d, in any notation. */
const mappedIn = (address: string): string | null => {
  if (isIP(address) !== 6 || address.includes('%')) return null;
  const host = new URL(`http://[${address}]/`).hostname;
  const [, high, low] = /^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/.exec(host) ?? [];
  if (high === undefined || low === undefined) return null;
  const parts = [high, low].map((part) => Number.parseInt(part, 16));
  return parts.flatMap((part) => [part >> 8, part & 0xff]).join('.');
};

const blockList = (...subnets: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address = '', bits] = subnet.split('/');
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
};

const PRIVATE_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** Parts of 2000::/3 that are not public, or that embed an arbitrary IPv4 address. */
const PRIVATE_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];
const PRIVATE = blockList(...PRIVATE_V4, ...PRIVATE_V6);
const GLOBAL = blockList('2000::/3');
