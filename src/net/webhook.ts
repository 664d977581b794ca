/** POSTs messages over http and https. `request.ts` checks which hosts may be reached and follows redirects. */
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { Transient } from '../jobs/kind.ts';
import { redact, StorageError } from '../storage/url.ts';
import { checkLiteral, isAllowed, lookupPublic } from './private-address.ts';
import { failureOf, follow, type HttpLimits, type HttpPlace } from './request.ts';

export interface Webhook {
  /** In the form that may be displayed: secrets redacted. */
  readonly url: string;
  /** Connects, and sends nothing. @throws StorageError or Transient if the connection fails */
  connect(signal: AbortSignal): Promise<void>;
  /** @throws StorageError or Transient if there is no response */
  post(body: Uint8Array, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer>;
  /** Closes the kept connection. */
  close(): void;
}

export interface Answer {
  readonly status: number;
  /** How long the receiver asks to wait; null if it does not. */
  readonly retryAfterMs: number | null;
}

const LIMITS: HttpLimits = { idleMs: 30_000 };
/** The limit for resolving a name, connecting and the TLS handshake. */
const CONNECT_MS = 10_000;

/** Whether a URL names a webhook: webhook-http: or webhook-https:. */
export const isWebhook = (url: string): boolean => /^webhook-https?:/i.test(url);

/** Performs no I/O. @throws StorageError for a URL that cannot be used */
export const openWebhook = (value: string, allowed: readonly string[], limits = LIMITS): Webhook => {
  const redacted = redact(value);
  const text = value.replace(/^webhook-/i, '');
  if (!/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text)) throw new StorageError(`${redacted} is not a URL`);
  const url = new URL(text);
  const place: HttpPlace = { url, redacted, allowed, limits, done: 'reached' };
  const options = { keepAlive: true, maxSockets: 1 };
  const agents = { http: new http.Agent(options), https: new https.Agent(options) };
  return {
    url: redacted,
    connect: (signal) => connect(place, signal),
    post: async (body, headers, signal) => {
      const sent = { 'user-agent': 'signalbox', ...headers, 'content-length': String(body.length) };
      const response = await follow(place, sent, signal, { body, agents });
      const { statusCode: status = 0, headers: answered } = response;
      passOver(response);
      return { status, retryAfterMs: retryAfterOf(answered['retry-after']) };
    },
    close: () => {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
};

const MOST_READ = 65_536;
const READ_MS = 1_000;

/** Reads a response to its end, so that the connection can be used again; its content is ignored. */
const passOver = (response: http.IncomingMessage) => {
  let read = 0;
  const late = setTimeout(() => response.destroy(), READ_MS);
  response.on('error', () => undefined);
  response.on('close', () => clearTimeout(late));
  response.on('data', (piece: Uint8Array) => {
    read += piece.length;
    if (read > MOST_READ) response.destroy();
  });
};

/** In seconds, or a date. */
const retryAfterOf = (value: string | undefined): number | null => {
  if (value === undefined) return null;
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
};

const connect = (place: HttpPlace, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const { url, allowed, redacted } = place;
    const isFree = isAllowed(url, allowed);
    const fail = (error: unknown) => reject(failureOf(place, error, signal));
    try {
      signal.throwIfAborted();
      if (!isFree) checkLiteral(url);
    } catch (error) {
      return fail(error);
    }
    const secure = url.protocol === 'https:';
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
    const to = { host, port, ...(isFree ? {} : { lookup: lookupPublic }) };
    const made = () => {
      clearTimeout(late);
      signal.removeEventListener('abort', stop);
      socket.destroy();
      resolve();
    };
    const named = net.isIP(host) === 0 ? { servername: host } : {};
    const socket = secure ? tls.connect({ ...to, ...named }, made) : net.connect(to, made);
    const stop = () => socket.destroy(new Error('stopped'));
    const late = setTimeout(() => {
      socket.destroy(new Transient(`${redacted} has not answered for ${CONNECT_MS / 1_000} s`));
    }, CONNECT_MS);
    signal.addEventListener('abort', stop);
    socket.on('error', (error) => {
      clearTimeout(late);
      signal.removeEventListener('abort', stop);
      fail(error);
    });
  });
