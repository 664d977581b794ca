import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { cutText } from '../errors.ts';

/** Decides which browser pages have access. */
export interface OriginCheck {
  /** Returns null for a request that is allowed. */
  refuse(request: IncomingMessage): { readonly status: number; readonly message: string } | null;
}

interface OriginRules {
  readonly allowedOrigins: readonly string[];
  /** The URL under which a proxy offers the server. */
  readonly publicUrl: string | null;
  /**
   * Refuses host names that a foreign DNS server may have pointed at this machine: without tokens, anyone who gets access
   * is root.
   */
  readonly checksHost: boolean;
  /** The host under which the client knows the server. */
  readonly hostOf: (request: IncomingMessage) => string;
  readonly log: Logger;
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
/** Probes of load balancers name the server in many ways, and learn only that it is up. */
const FOR_PROBES = ['/health', '/ready'];

/** Refuses pages of other origins. */
export const createOriginCheck = ({ allowedOrigins, publicUrl, checksHost, hostOf, log }: OriginRules): OriginCheck => {
  const publicOrigin = publicUrl === null ? null : new URL(publicUrl).origin;
  const allowed = new Set([...allowedOrigins, ...(publicOrigin === null ? [] : [publicOrigin])]);
  const hosts = new Set([...LOOPBACK, ...[...allowed].map((origin) => new URL(origin).hostname)]);
  const refuse = (message: string) => {
    log.warn(message);
    return { status: 403, message };
  };
  /** A server behind TLS does not know that it is: a page of the same host is its own under either scheme. */
  const isOwn = (origin: string, host: string) => {
    if (publicOrigin !== null && new URL(publicOrigin).host === host) return origin === publicOrigin;
    return origin === `http://${host}` || origin === `https://${host}`;
  };
  return {
    refuse: (request) => {
      const host = (request.headers.host ?? '').toLowerCase();
      const isProbe = FOR_PROBES.includes(request.url?.split('?')[0] ?? '');
      if (checksHost && !isProbe && !hosts.has(host.replace(/:\d+$/, ''))) {
        return refuse(
          `the host ${cutText(host, 200)} is not known: list its origin in ALLOWED_ORIGINS, or set PUBLIC_URL`,
        );
      }
      const { origin } = request.headers;
      if (origin === undefined || allowed.has(origin) || isOwn(origin, hostOf(request))) return null;
      return refuse(`the origin ${cutText(origin, 200)} is not allowed: list it in ALLOWED_ORIGINS, or set PUBLIC_URL`);
    },
  };
};
