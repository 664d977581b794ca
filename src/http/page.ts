/** A page for a browser, with its content security policy. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

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

/** Each page is compressed on the first request for it. */
const compressed = new WeakMap<Page, Promise<Buffer>>();
const compress = promisify(gzip);
const compressedOf = (page: Page): Promise<Buffer> => {
  const known = compressed.get(page) ?? compress(page.body);
  compressed.set(page, known);
  return known;
};

/** `gzip` without a weight of 0. */
const acceptsGzip = ({ headers }: IncomingMessage): boolean =>
  String(headers['accept-encoding'] ?? '')
    .split(',')
    .some((encoding) => {
      const [name, weight = ''] = encoding.split(';');
      return name?.trim().toLowerCase() === 'gzip' && Number(weight.split('=')[1] ?? 1) > 0;
    });

/** The browser caches the page and revalidates it on every request. */
export const sendPage = async (request: IncomingMessage, response: ServerResponse, page: Page): Promise<void> => {
  const isCompressed = acceptsGzip(request);
  const tag = isCompressed ? page.tag.replace(/"$/, '-gzip"') : page.tag;
  response.setHeader('etag', tag).setHeader('cache-control', 'no-cache').appendHeader('vary', 'accept-encoding');
  response.setHeader('content-security-policy', page.policy).setHeader('x-content-type-options', 'nosniff');
  if (request.headers['if-none-match'] === tag) return void response.writeHead(304).end();
  const body = isCompressed ? await compressedOf(page) : page.body;
  if (isCompressed) response.setHeader('content-encoding', 'gzip');
  response.writeHead(200, { 'content-type': page.type, 'content-length': body.length }).end(body);
};
