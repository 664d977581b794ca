/** What the server has for people in browsers, beside the playground: the page of the jobs and what belongs to it. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** One level above both src/ and dist/. */
const FOLDER = new URL('../examples/jobs-page/', import.meta.url);

/** Only these: nothing of a request's path becomes part of a file's. */
const FILES = [
  'base.css',
  'table.css',
  'panels.css',
  'narrow.css',
  'page.js',
  'api.js',
  'changes.js',
  'commands.js',
  'details.js',
  'filter.js',
  'list.js',
  'rows.js',
  'selection.js',
];
const PATHS = new Map([['/', 'index.html'], ...FILES.map((name) => [`/jobs-page/${name}`, name] as const)]);

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
};

/**
 * Scripts, styles and requests of the page's own origin, WebSockets among them, and its icon. With Trusted Types no
 * text of a job can become markup, whatever a script does with it.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

export interface Page {
  readonly body: Buffer;
  readonly type: string;
  readonly policy: string;
  /** The same for the same body. */
  readonly tag: string;
}

/** What a browser gets at a path; null when that is no page. Read each time: who changes a file sees it at once. */
export const readPage = ({ method, url }: IncomingMessage): Promise<Page> | null => {
  const name = PATHS.get(url?.split('?')[0] ?? '');
  if (name === undefined || (method !== 'GET' && method !== 'HEAD')) return null;
  const type = TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
  return readFile(new URL(name, FOLDER)).then((body) => pageOf(body, type, POLICY));
};

export const pageOf = (body: Buffer, type: string, policy: string): Page => ({
  body,
  type,
  policy,
  tag: `"${createHash('sha256').update(body).digest('base64url')}"`,
});

/** A browser keeps the page, and asks each time whether it is still the same. */
export const sendPage = (request: IncomingMessage, response: ServerResponse, { body, type, policy, tag }: Page) => {
  response.setHeader('etag', tag).setHeader('cache-control', 'no-cache');
  response.setHeader('content-security-policy', policy).setHeader('x-content-type-options', 'nosniff');
  if (request.headers['if-none-match'] === tag) return void response.writeHead(304).end();
  response.writeHead(200, { 'content-type': type, 'content-length': body.length }).end(body);
};
