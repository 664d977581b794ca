import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { cutText } from '../errors.ts';

/** Decides which browser pages have access. */
export interface OriginCheck {
  /** Returns null for a request that is allowed. */
  refuse(request: IncomingMessage): { readonly status: number; readonly message: string } | null;
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Refuses pages of other origins, and host names that a foreign DNS server may have pointed at this machine: without
 * tokens, anyone who gets access is root.
 */
export const createOriginCheck = (allowedOrigins: readonly string[], log: Logger): OriginCheck => {
  const hosts = new Set([...LOOPBACK, ...allowedOrigins.map((origin) => new URL(origin).hostname)]);
  const refuse = (message: string) => {
    log.warn(message);
    return { status: 403, message };
  };
  return {
    refuse: ({ headers }) => {
      const host = (headers.host ?? '').toLowerCase();
      if (!hosts.has(host.replace(/:\d+$/, ''))) {
        return refuse(`the host ${cutText(host, 200)} is not known: list its origin in ALLOWED_ORIGINS`);
      }
      const { origin } = headers;
      if (origin === undefined || origin === `http://${host}` || allowedOrigins.includes(origin)) return null;
      return refuse(`the origin ${cutText(origin, 200)} is not allowed: list it in ALLOWED_ORIGINS`);
    },
  };
};
