/** A page for a browser, with its content security policy. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Page {
  readonly body: Buffer;
  readonly type: string;
  readonly policy: string;
  /** Equal for equal bodies. */
  readonly tag: string;
}

export const pageOf = (body: Buffer, type: string, policy: string): Page => ({
  body,
  type,
  policy,
  tag: `"${createHash('sha256').update(body).digest('base64url')}"`,
});

/** The browser caches the page and revalidates it on every request. */
export const sendPage = (request: IncomingMessage, response: ServerResponse, { body, type, policy, tag }: Page) => {
  response.setHeader('etag', tag).setHeader('cache-control', 'no-cache');
  response.setHeader('content-security-policy', policy).setHeader('x-content-type-options', 'nosniff');
  if (request.headers['if-none-match'] === tag) return void response.writeHead(304).end();
  response.writeHead(200, { 'content-type': type, 'content-length': body.length }).end(body);
};
