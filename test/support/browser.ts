import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createBrotliDecompress } from 'node:zlib';
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';

/** A real browser for one test, and a note of all that its pages asked for or complained about. */
interface Browser extends AsyncDisposable {
  /** A page with a storage of its own. */
  openPage(options?: BrowserContextOptions): Promise<Page>;
  /** Hosts, with their ports, of every request and socket of every page. */
  readonly hosts: ReadonlySet<string>;
  /** Errors on the pages' consoles, uncaught ones too. */
  readonly errors: readonly string[];
}

/**
 * Starts a browser for the tests of a file, which have nothing in common in it. Call it at the file's top; what it
 * answers opens it for one test.
 */
export function useBrowser(): () => Browser {
  let running: Awaited<ReturnType<typeof launch>> | undefined;
  beforeAll(async () => {
    running = await launch();
  });
  afterAll(() => running?.close());
  return () => {
    if (running === undefined) throw new Error('the browser has not been started');
    return openIn(running);
  };
}

/** It can reach nothing but 127.0.0.1, whatever a page or the browser itself would like to. */
const launch = async () =>
  chromium.launch({
    executablePath: await unpackChromium(),
    headless: true,
    args: [
      '--no-sandbox', // it refuses to run as root with one
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  });

const openIn = (browser: Awaited<ReturnType<typeof launch>>): Browser => {
  const contexts: BrowserContext[] = [];
  const hosts = new Set<string>();
  const errors: string[] = [];
  const note = (url: string) => {
    // Data and blobs are in the page: they have no host.
    if (URL.canParse(url) && new URL(url).host !== '') hosts.add(new URL(url).host);
  };

  return {
    hosts,
    errors,
    async openPage(options = {}) {
      const context = await browser.newContext(options);
      contexts.push(context);
      context.on('request', (request) => note(request.url()));
      context.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
      context.on('weberror', (thrown) => errors.push(String(thrown.error())));
      // Less than a test's own limit, so that a failure says what was waited for; and far more than a busy machine takes.
      context.setDefaultTimeout(60_000);
      const page = await context.newPage();
      page.on('websocket', (socket) => note(socket.url()));
      return page;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(contexts.map((context) => context.close()));
    },
  };
};

/**
 * Next to the packed one, under another name until it is whole: the package itself unpacks to /tmp/chromium, which two
 * test files would write at once, an interrupted run would leave half there, and anyone may have put there.
 */
async function unpackChromium(): Promise<string> {
  const packed = fileURLToPath(new URL('../node_modules/@sparticuz/chromium/bin/chromium.br', import.meta.url));
  const path = packed.replace(/\.br$/, '');
  if (existsSync(path)) return path;
  const part = `${path}.${process.pid}`;
  await pipeline(createReadStream(packed), createBrotliDecompress(), createWriteStream(part, { mode: 0o700 }));
  await rename(part, path);
  return path;
}
