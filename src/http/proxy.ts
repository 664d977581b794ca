/**
 * How a request reached the server: directly, or through proxies. A proxy reports the client's address, the host and the
 * scheme in `X-Forwarded-…`; anyone else could write the same headers, so they count only from trusted proxies.
 */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6, type Socket } from 'node:net';

export interface ProxyOptions {
  /** A number of proxies, counted from this server, or the networks of their addresses. Null: no proxy is trusted. */
  readonly trustProxy:
    | { readonly hops: number }
    | { readonly networks: readonly { readonly address: string; readonly prefix: number }[] }
    | null;
  /** The URL under which a proxy offers the server, without a slash at its end. */
  readonly publicUrl: string | null;
}

export interface Proxy {
  /** The path of the public URL, without a slash at its end: `` or `/jobs`. */
  readonly basePath: string;
  /** The URL of a request below that path. A proxy may pass the path on or remove it: the result is the same. */
  withoutBase(url: string): string;
  /** The address of the client. */
  addressOf(request: IncomingMessage): string;
  /** The host under which the client knows the server, in lower case. */
  hostOf(request: IncomingMessage): string;
}

export const createProxy = ({ trustProxy, publicUrl }: ProxyOptions): Proxy => {
  const basePath = publicUrl === null ? '' : new URL(publicUrl).pathname.replace(/\/$/, '');
  const trusted = trustProxy !== null && 'networks' in trustProxy ? networksOf(trustProxy.networks) : null;
  const isTrusted = (address: string, distance: number) => {
    if (trustProxy !== null && 'hops' in trustProxy) return distance < trustProxy.hops;
    return isIP(address) !== 0 && (trusted?.check(address, isIPv6(address) ? 'ipv6' : 'ipv4') ?? false);
  };
  return {
    basePath,
    withoutBase: (url) => {
      if (basePath === '' || !url.startsWith(basePath)) return url;
      const rest = url.slice(basePath.length);
      return rest.startsWith('/') ? rest : url;
    },
    addressOf: (request) => {
      // From the peer of the connection outwards: each trusted one says who was before it.
      const chain = [peerOf(request), ...listOf(request.headers['x-forwarded-for']).reverse()];
      const index = chain.findIndex((address, distance) => !isTrusted(address, distance));
      return chain.at(index) ?? peerOf(request);
    },
    hostOf: (request) => {
      const forwarded = isTrusted(peerOf(request), 0) ? listOf(request.headers['x-forwarded-host']).at(-1) : undefined;
      return (forwarded ?? request.headers.host ?? '').toLowerCase();
    },
  };
};

const networksOf = (networks: readonly { readonly address: string; readonly prefix: number }[]) => {
  const list = new BlockList();
  for (const { address, prefix } of networks) list.addSubnet(address, prefix, isIPv6(address) ? 'ipv6' : 'ipv4');
  return list;
};

/**
 * An IPv4 client of a socket that listens on IPv6 has an address such as `::ffff:10.0.0.1`. A request that was destroyed
 * has no socket any more.
 */
const peerOf = ({ socket }: { readonly socket: Pick<Socket, 'remoteAddress'> | null }) =>
  (socket?.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');

const listOf = (header: string | readonly string[] | undefined): string[] =>
  String(header ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
