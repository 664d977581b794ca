/**
 * The server behind a real nginx, with TLS and below a path. It needs `nginx` and `openssl` on the PATH; on Debian:
 * `apt-get install -y nginx openssl`.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { connect as connectTo } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { startApp, type TestApp } from '../support/app.ts';
import { temporaryFolder } from '../support/process.ts';
import { bearer, tokenFor } from '../support/tokens.ts';

/** Debian puts nginx where only root has it on the PATH. */
const PATH = [process.env.PATH, '/usr/sbin', '/usr/local/sbin'].join(delimiter);

const requireProgram = (name: string, option: string) => {
  try {
    execFileSync(name, [option], { env: { PATH }, stdio: 'ignore' });
  } catch {
    throw new Error(`${name} is missing, which the tests behind a proxy need: apt-get install -y nginx openssl`);
  }
};

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** The locations that docs/operate.md shows, plain, and with the prefix removed. */
const configOf = (folder: string, port: number, upstream: number) => `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr notice;
events { worker_connections 64; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${folder}/${of};`).join('\n  ')}
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  server {
    listen 127.0.0.1:${port} ssl http2;
    server_name jobs.example.com;
    ssl_certificate ${folder}/cert.pem;
    ssl_certificate_key ${folder}/key.pem;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    proxy_http_version 1.1;
    location /jobs { proxy_pass http://127.0.0.1:${upstream}; }
    location /stripped/ { proxy_pass http://127.0.0.1:${upstream}/; }
    location /plain/ {
      proxy_http_version 1.0;
      proxy_set_header Host $proxy_host;
      proxy_set_header Upgrade "";
      proxy_pass http://127.0.0.1:${upstream}/;
    }
  }
}
`;

const startNginx = async (port: number, upstream: number) => {
  const folder = temporaryFolder();
  mkdirSync(join(folder.path, 'logs'));
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder.path, name)) as [string, string];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-keyout', key, '-out', cert].concat([
      '-subj',
      '/CN=jobs.example.com',
      '-addext',
      'subjectAltName=DNS:jobs.example.com',
    ]),
    { env: { PATH }, stdio: 'ignore' },
  );
  const file = join(folder.path, 'nginx.conf');
  writeFileSync(file, configOf(folder.path, port, upstream));
  const child = spawn('nginx', ['-p', folder.path, '-c', file], { env: { PATH }, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  const ready = new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (data) => {
      errors += data;
      // Its sockets listen by then.
      if (/start worker process \d+/.test(errors)) resolve();
    });
    child.once('close', () => reject(new Error(`nginx has ended: ${errors}`)));
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  await ready;
  const ca = readFileSync(cert, 'utf8');
  return {
    ca,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      folder[Symbol.dispose]();
    },
  };
};

describe('behind nginx', () => {
  let nginx: Awaited<ReturnType<typeof startNginx>>;
  let app: TestApp;
  let port: number;
  let token: string;
  let origin: string;

  beforeAll(async () => {
    requireProgram('nginx', '-v');
    requireProgram('openssl', 'version');
    port = await freePort();
    origin = `https://jobs.example.com:${port}`;
    app = await startApp({ settings: { AUTH: 'token', TRUST_PROXY: '1', PUBLIC_URL: `${origin}/jobs` } });
    token = (await tokenFor(app, 'root')).token;
    nginx = await startNginx(port, Number(new URL(app.url).port));
  });
  afterAll(async () => {
    await nginx?.stop();
    await app?.[Symbol.asyncDispose]();
  });

  const open = (path: string, { method = 'GET', headers = {}, body }: RequestOptions = {}) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const request = httpsRequest(
        {
          host: '127.0.0.1',
          port,
          servername: 'jobs.example.com',
          ca: nginx.ca,
          agent: false,
          path,
          method,
          headers: { host: `jobs.example.com:${port}`, ...headers },
        },
        resolve,
      );
      request.once('error', reject);
      request.end(body);
    });
  const get = async (path: string, options?: RequestOptions) => {
    const response = await open(path, options);
    let text = '';
    for await (const part of response) text += part;
    return { status: response.statusCode, headers: response.headers, text };
  };
  const post = (path: string, query: string, headers = {}) =>
    get(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer(token), ...headers },
      body: JSON.stringify({ query }),
    });

  test.each(['/jobs', '/stripped', '/plain'])('the whole application works below %s', async (base) => {
    expect(JSON.parse((await get(`${base}/health`)).text)).toMatchObject({ status: 'up' });
    expect((await get(`${base}/ready`)).status).toBe(200);
    const reply = await post(`${base}/graphql`, '{ viewer { name } }', { origin });
    expect(JSON.parse(reply.text)).toEqual({ data: { viewer: { name: 'root' } } });
    expect((await post(`${base}/graphql`, '{ viewer { name } }', { origin: 'https://evil.example' })).status).toBe(403);

    const page = await get(`${base}/`);
    const files = [...page.text.matchAll(/(?:src|href)="([^":]+)"/g)].map(([, path = '']) => path);
    expect(files.length).toBeGreaterThan(4);
    for (const file of files.filter((path) => path !== 'graphql')) {
      expect((await get(new URL(file, `${origin}${base}/`).pathname)).status, file).toBe(200);
    }
    const playground = await get(`${base}/graphql`, { headers: { accept: 'text/html' } });
    expect(playground.status).toBe(200);
    expect(playground.text).toContain('<title>Signalbox</title>');
    expect(playground.text.slice(-200_000)).not.toMatch(/(?:href|src|action)="\//);
  });

  test('the path without its slash leads to the page', async () => {
    const { status, headers } = await get('/jobs');
    expect([status, headers.location]).toEqual([308, '/jobs/']);
  });

  test.each(['/jobs', '/stripped', '/plain'])(
    'an event stream below %s arrives at once, also before its first event',
    async (base) => {
      const response = await open(`${base}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...bearer(token) },
        body: JSON.stringify({ query: 'subscription { jobUpdated { kind } }' }),
      });
      expect(response.headers['content-type']).toContain('text/event-stream');
      let text = '';
      // The connection stays open: what nginx kept back would never arrive.
      for await (const part of response) {
        text += part;
        if (text.includes('CAUGHT_UP')) break;
      }
      expect(text).toMatch(/^:\n\n/);
      response.destroy();
    },
  );

  test.each(['/jobs', '/stripped'])(
    'a WebSocket below %s is opened, from a page of the public origin only',
    async (base) => {
      const connect = (from: string) =>
        new WebSocket(`wss://127.0.0.1:${port}${base}/graphql`, 'graphql-transport-ws', {
          ca: nginx.ca,
          servername: 'jobs.example.com',
          headers: { host: `jobs.example.com:${port}`, origin: from },
        } as ClientOptions);
      const socket = connect(origin);
      const messages: unknown[] = [];
      const first = new Promise((resolve) => {
        socket.on('message', (data) => {
          messages.push(JSON.parse(String(data)));
          if (messages.length === 2) resolve(messages);
        });
      });
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
      socket.send(JSON.stringify({ type: 'connection_init', payload: bearer(token) }));
      socket.send(JSON.stringify({ type: 'ping' }));
      await first;
      expect(messages.map((message) => (message as { type: string }).type).sort()).toEqual(['connection_ack', 'pong']);
      socket.close();

      const refused = connect('https://evil.example');
      refused.on('error', () => undefined);
      const status = await new Promise((resolve) =>
        refused.once('unexpected-response', (_, { statusCode }) => resolve(statusCode)),
      );
      expect(status).toBe(403);
    },
  );

  test('HTTP/2 carries requests and event streams', async () => {
    const session = connectTo(`https://127.0.0.1:${port}`, { ca: nginx.ca, servername: 'jobs.example.com' });
    const send = (body: object, headers = {}) => {
      const stream = session.request({
        ':method': 'POST',
        ':path': '/jobs/graphql',
        ':authority': `jobs.example.com:${port}`,
        'content-type': 'application/json',
        ...bearer(token),
        ...headers,
      });
      stream.setEncoding('utf8').end(JSON.stringify(body));
      return stream;
    };
    let answer = '';
    for await (const part of send({ query: '{ viewer { name } }' }, { origin })) answer += part;
    expect(JSON.parse(answer)).toEqual({ data: { viewer: { name: 'root' } } });
    const events = send({ query: 'subscription { jobUpdated { kind } }' }, { accept: 'text/event-stream' });
    let text = '';
    for await (const part of events) {
      text += part;
      if (text.includes('CAUGHT_UP')) break;
    }
    expect(text).toMatch(/^:\n\n/);
    session.destroy();
  });
});

interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}
