/**
 * Operators of OpenDAL that reach only the hosts that they are for. OpenDAL resolves names itself and follows redirects,
 * so it connects through a proxy on loopback, in this thread: the proxy knows each operator by a secret, refuses every
 * other host, and connects to the addresses that it has checked. TLS passes through it unread.
 */
import { randomBytes } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import net, { type AddressInfo, type LookupFunction, type Socket } from 'node:net';
import type { Operator } from 'opendal';
import { checkLiteral, isAllowed, lookupPublic } from '../../net/private-address.ts';
import { StorageError } from '../url.ts';
import type { OpenDal } from './opendal.ts';
import { withProxy } from './proxy-variables.ts';

export interface Reach {
  readonly endpoint: URL;
  /** Further hosts of the service, such as the one that issues its tokens. */
  readonly alsoHosts: readonly string[];
  /** Hosts that may have a private address. */
  readonly allowed: readonly string[];
}

export interface Confined {
  readonly operator: Operator;
  /** Why the proxy refused the last request that it refused; null if it refused none since the last call. */
  readonly takeRefusal: () => unknown;
}

/** A redirect to a host that the operator is not for. */
export class OtherHost extends Error {
  override readonly name = 'OtherHost';
}

interface Pass extends Reach {
  refusal: unknown;
}

const passes = new Map<string, Pass>();
const forgotten = new FinalizationRegistry<string>((secret) => passes.delete(secret));
let listening: Promise<number> | undefined;

/** @throws StorageError if requests of OpenDAL would not go through the proxy */
export const confined = async (opendal: OpenDal, reach: Reach, create: () => Operator): Promise<Confined> => {
  listening ??= listen(opendal);
  const port = await listening;
  const secret = randomBytes(16).toString('hex');
  const pass: Pass = { ...reach, refusal: null };
  passes.set(secret, pass);
  const operator = withProxy(addressOf(secret, port), create);
  forgotten.register(operator, secret);
  const takeRefusal = () => {
    const { refusal } = pass;
    pass.refusal = null;
    return refusal;
  };
  return { operator, takeRefusal };
};

const addressOf = (secret: string, port: number) => `http://signalbox:${secret}@127.0.0.1:${port}`;

const listen = async (opendal: OpenDal): Promise<number> => {
  const server = http.createServer(forward).on('connect', tunnel);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // It must not keep a process alive.
  server.unref().on('connection', (socket) => socket.unref());
  const { port } = server.address() as AddressInfo;
  await probe(opendal, port);
  return port;
};

const PROBE = 'probe.invalid';

/** In a thread with an environment of its own, OpenDAL would not see the proxy: nothing may be sent then. */
const probe = async (opendal: OpenDal, port: number) => {
  const secret = randomBytes(16).toString('hex');
  const options = { root: '/', endpoint: `http://${PROBE}`, bucket: 'b', region: 'none', allow_anonymous: 'true' };
  const alone = { disable_config_load: 'true', disable_ec2_metadata: 'true' };
  passes.set(secret, { endpoint: new URL(options.endpoint), alsoHosts: [], allowed: [], refusal: null });
  const operator = withProxy(addressOf(secret, port), () => new opendal.Operator('s3', { ...options, ...alone }));
  try {
    await operator.delete('x');
  } catch {
    throw new StorageError('cloud storage cannot be used: OpenDAL does not connect through its proxy');
  } finally {
    passes.delete(secret);
  }
};

const passOf = ({ headers }: IncomingMessage): Pass | undefined => {
  const [, base64 = ''] = /^Basic (.+)$/.exec(headers['proxy-authorization'] ?? '') ?? [];
  return passes.get(
    Buffer.from(base64, 'base64')
      .toString()
      .replace(/^signalbox:/, ''),
  );
};

/** How to connect to a URL, or undefined if the operator may not; the reason is then kept. */
const wayTo = (pass: Pass, url: URL): { readonly lookup?: LookupFunction } | undefined => {
  try {
    const hosts = [hostOf(pass.endpoint), ...pass.alsoHosts];
    if (!hosts.includes(hostOf(url))) throw new OtherHost(url.host);
    if (isAllowed(url, pass.allowed)) return {};
    checkLiteral(url);
    return { lookup: lookupPublic };
  } catch (error) {
    pass.refusal = error;
    return undefined;
  }
};

const hostOf = ({ protocol, hostname, port }: URL) => `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`;

/** A request over http. */
const forward = (request: IncomingMessage, response: ServerResponse) => {
  const pass = passOf(request);
  const url = URL.canParse(request.url ?? '') ? new URL(request.url ?? '') : null;
  if (pass === undefined || url === null) return void response.writeHead(407).end();
  if (url.hostname === PROBE) return void response.writeHead(204).end();
  const way = wayTo(pass, url);
  if (way === undefined) return void response.writeHead(403).end();
  const { method } = request;
  const sent = http.request(url, { ...way, method, headers: headersOf(request), agent: false }, (answer) => {
    // The request that follows a redirect to another host would not have the secret any more.
    const next = URL.canParse(answer.headers.location ?? '', url.href)
      ? new URL(`${answer.headers.location}`, url)
      : url;
    if (next.host !== url.host) pass.refusal = new OtherHost(next.host);
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.on('error', () => response.destroy()).pipe(response);
  });
  sent.on('error', (error) => {
    pass.refusal ??= isOfAddress(error) ? error : null;
    response.destroy();
  });
  response.on('close', () => sent.destroy());
  request.pipe(sent);
};

/** The headers that are signed have to arrive as they are. */
const headersOf = ({ rawHeaders }: IncomingMessage): string[] => {
  const kept: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    if (!/^(proxy-.*|connection|keep-alive)$/i.test(name)) kept.push(name, value);
  }
  return kept;
};

/** A connection for https. */
const tunnel = (request: IncomingMessage, client: Socket, head: Buffer) => {
  const pass = passOf(request);
  const target = `https://${request.url ?? ''}`;
  const way = pass !== undefined && URL.canParse(target) ? wayTo(pass, new URL(target)) : undefined;
  client.on('error', () => undefined);
  if (pass === undefined || way === undefined) return void client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  const { hostname, port } = new URL(target);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const server = net.connect({ host, port: Number(port || 443), ...way }, () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    server.write(head);
    server.pipe(client).pipe(server);
  });
  server.unref();
  server.on('error', (error) => {
    pass.refusal ??= isOfAddress(error) ? error : null;
    client.destroy();
  });
  client.on('close', () => server.destroy());
  server.on('close', () => client.destroy());
};

/** The address was refused, or there is none. */
const isOfAddress = (error: NodeJS.ErrnoException) => error.name === 'PrivateAddress' || error.code === 'ENOTFOUND';
