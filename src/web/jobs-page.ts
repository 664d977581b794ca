/** The jobs page and its files, which the server offers to browsers in addition to the playground. */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { type Page, pageOf } from '../http/page.ts';

/** Only these files are served: no part of a request's path becomes part of a file path. */
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
  'sign-in.js',
];
const PATHS = new Map([['/', 'index.html'], ...FILES.map((name) => [`/jobs-page/${name}`, name] as const)]);

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
};

/**
 * Allows scripts, styles and requests of the page's own origin, including WebSockets, and its icon. With Trusted Types
 * no text of a job can become markup, whatever a script does with it.
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

/**
 * Reads the page for a path from the given folder; null if there is no page at that path. The file is read for each
 * request, so that an edit shows immediately.
 */
export const readJobsPage = (folder: string, { method, url }: IncomingMessage): Promise<Page> | null => {
  const name = PATHS.get(url?.split('?')[0] ?? '');
  if (name === undefined || (method !== 'GET' && method !== 'HEAD')) return null;
  const type = TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
  return readFile(join(folder, name)).then((body) => pageOf(body, type, POLICY));
};
