/** Uploads by the tus protocol, with a client of it. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { request as send } from 'node:http';
import { join } from 'node:path';
import { DetailedError, Upload, type UploadOptions } from 'tus-js-client';
import { expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { addUser } from '../support/control.ts';
import { temporaryFolder } from '../support/process.ts';
import { bearer, startWithTokens, tokenFor } from '../support/tokens.ts';
import { sendRaw } from '../support/wire.ts';

const MB = 1_048_576;
const endpointOf = ({ url }: { url: string }) => url.replace('/graphql', '/files/');
const by = (user: string) => ({ 'x-signalbox-user': user });
const list = async (app: TestApp, user?: string) => {
  const { data } = await app.send({ query: '{ files { nodes { path size } } }' }, user);
  return (data as { files: { nodes: { path: string; size: number }[] } }).files.nodes;
};

/** Resolves to the URL of the upload and that of the file; rejects with the answer that refuses it. */
const upload = (content: Buffer, options: UploadOptions) =>
  new Promise<{ url: string; file: string | undefined }>((resolve, reject) => {
    let file: string | undefined;
    const one = new Upload(content, {
      retryDelays: [],
      ...options,
      onAfterResponse: (_, response) => {
        file = response.getHeader('Signalbox-File') ?? file;
      },
      onSuccess: () => resolve({ url: one.url ?? '', file }),
      onError: reject,
    });
    one.start();
  });

const refused = async (content: Buffer, options: UploadOptions) => {
  const error = await upload(content, options).then(
    () => null,
    (failure: unknown) => failure,
  );
  if (!(error instanceof DetailedError)) throw new Error(`it was not refused: ${error}`);
  const { errors } = JSON.parse(error.originalResponse?.getBody() ?? '') as {
    errors: { message: string; extensions: { code: string } }[];
  };
  return { status: error.originalResponse?.getStatus(), code: errors[0]?.extensions.code, message: errors[0]?.message };
};

/** Begins to send a file, and hangs up in the middle of its third megabyte. Resolves to the URL of the upload. */
const cut = (content: Buffer, options: UploadOptions) =>
  new Promise<string>((resolve, reject) => {
    const one = new Upload(content, {
      retryDelays: [],
      chunkSize: MB,
      ...options,
      onProgress: (sent) => {
        if (sent > 2.2 * MB) one.abort().then(() => resolve(one.url ?? ''), reject);
      },
      onSuccess: () => reject(new Error('it was sent whole')),
      onError: reject,
    });
    one.start();
  });

const TUS = { 'tus-resumable': '1.0.0' };
const head = (url: string, user: string) => fetch(url, { method: 'HEAD', headers: { ...TUS, ...by(user) } });

test('an upload that is cut off goes on where it was, and nobody sees the file before it is whole', async () => {
  await using app = await startApp();
  const files = { folder: 'team/ann' };
  await addUser(app, 'ann', { privileges: ['CREATEJOB'], databases: { names: [] }, files });
  await addUser(app, 'bob', { privileges: ['CREATEJOB'], databases: { names: [] }, files });
  const content = randomBytes(5 * MB + 17);
  const options = { endpoint: endpointOf(app), headers: by('ann'), metadata: { filename: 'in/größe 1.bin' } };

  const url = await cut(content, options);
  const offset = Number((await head(url, 'ann')).headers.get('upload-offset'));
  expect(offset).toBeGreaterThanOrEqual(2 * MB);
  expect(offset).toBeLessThan(content.length);
  expect(await list(app, 'ann')).toEqual([]);
  expect(readdirSync(join(app.dataDir, 'files'))).toEqual(['sample.csv']);

  const tries = [
    { method: 'HEAD' },
    { method: 'DELETE' },
    {
      method: 'PATCH',
      body: 'x',
      type: { 'content-type': 'application/offset+octet-stream', 'upload-offset': `${offset}` },
    },
  ];
  for (const user of ['bob', 'root']) {
    for (const { type, ...request } of tries) {
      const reply = await fetch(url, { ...request, headers: { ...TUS, ...by(user), ...type } });
      expect([user, request.method, reply.status]).toEqual([user, request.method, 404]);
    }
    expect((await fetch(url, { headers: by(user) })).status).toBe(400);
  }
  expect((await fetch(`${url}.json`, { method: 'HEAD', headers: { ...TUS, ...by('ann') } })).status).toBe(404);
  expect(Number((await head(url, 'ann')).headers.get('upload-offset'))).toBe(offset);

  const sent: number[] = [];
  const done = await upload(content, { ...options, uploadUrl: url, onProgress: (bytes) => sent.push(bytes) });
  expect(sent[0]).toBeGreaterThanOrEqual(offset);
  expect(decodeURI(done.file ?? '')).toBe('nodelocal:///team/ann/in/größe 1.bin');
  expect(await list(app, 'ann')).toEqual([{ path: 'team/ann/in/größe 1.bin', size: content.length }]);
  expect(readFileSync(join(app.dataDir, 'files/team/ann/in/größe 1.bin')).equals(content)).toBe(true);
  expect(statSync(join(app.dataDir, 'files/team/ann/in/größe 1.bin')).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(app.dataDir, 'uploads'))).toEqual([expect.stringMatching(/^[0-9a-f]{32}\.json$/)]);
  // A client that missed the last answer asks, and learns that all has arrived.
  expect(Number((await head(url, 'ann')).headers.get('upload-offset'))).toBe(content.length);
  expect((await head(url, 'bob')).status).toBe(404);
});

test('a name that is taken is kept, unless it is to be overwritten', async () => {
  await using app = await startApp();
  const at = (filename: string, overwrite?: string) => ({
    endpoint: endpointOf(app),
    metadata: { filename, ...(overwrite && { overwrite }) },
  });
  const file = join(app.dataDir, 'files', 'a.csv');
  await upload(Buffer.from('one'), at('a.csv'));
  expect(await refused(Buffer.from('two'), at('a.csv'))).toEqual({
    status: 400,
    code: 'CONFLICT',
    message: 'file a.csv already exists: choose another name, or upload with overwrite true',
  });
  expect(readFileSync(file, 'utf8')).toBe('one');
  // Of two that began while the name was free, the first to end has it.
  const big = randomBytes(4 * MB);
  const url = await cut(big, at('b.bin'));
  await upload(Buffer.from('first'), at('b.bin'));
  expect(await refused(big, { ...at('b.bin'), uploadUrl: url })).toMatchObject({ status: 400, code: 'CONFLICT' });
  expect(readFileSync(join(app.dataDir, 'files', 'b.bin'), 'utf8')).toBe('first');
  await upload(Buffer.from('three'), at('a.csv', 'true'));
  expect(readFileSync(file, 'utf8')).toBe('three');
  await upload(Buffer.alloc(0), at('empty.csv'));
  expect(readFileSync(join(app.dataDir, 'files', 'empty.csv'), 'utf8')).toBe('');
  expect(await refused(Buffer.from('x'), at('a.csv', 'maybe'))).toMatchObject({ code: 'BAD_USER_INPUT' });
});

test('no name leads out of the folder', async () => {
  await using app = await startApp();
  const files = join(app.dataDir, 'files');
  mkdirSync(join(files, 'eve'));
  symlinkSync(app.dataDir, join(files, 'eve', 'out'));
  symlinkSync(join(files, 'sample.csv'), join(files, 'eve', 'link.csv'));
  await addUser(app, 'eve', { privileges: ['CREATEJOB'], databases: { names: [] }, files: { folder: 'eve' } });
  const before = readFileSync(join(files, 'sample.csv'), 'utf8');
  const names = [
    '../a',
    'a/../../b',
    '/etc/x',
    'a//b',
    '.',
    '',
    'a\0b',
    'a\nb',
    'a\\b',
    'x'.repeat(300),
    'out/signalbox.db',
  ];
  for (const filename of [...names, '.signalbox-part-1', 'link.csv/x']) {
    for (const overwrite of ['false', 'true']) {
      const options = { endpoint: endpointOf(app), headers: by('eve'), metadata: { filename, overwrite } };
      const { status, code } = await refused(Buffer.from('evil'), options);
      expect([filename, overwrite, status]).toEqual([filename, overwrite, 400]);
      expect(['BAD_USER_INPUT', 'CONFLICT']).toContain(code);
    }
  }
  const options = { endpoint: endpointOf(app), headers: by('eve') };
  expect(await refused(Buffer.from('x'), { ...options, metadata: {} })).toMatchObject({ code: 'BAD_USER_INPUT' });
  // What is in the place of a link is the new file: the link's target stays.
  await upload(Buffer.from('new'), { ...options, metadata: { filename: 'link.csv', overwrite: 'true' } });
  expect(readFileSync(join(files, 'sample.csv'), 'utf8')).toBe(before);
  expect(readFileSync(join(files, 'eve', 'link.csv'), 'utf8')).toBe('new');
  expect(readdirSync(files).sort()).toEqual(['eve', 'sample.csv']);
});

test('only those who may create jobs upload, each as they sign in', async () => {
  await using scene = await startWithTokens();
  await scene.addUser('reader', { privileges: [], databases: { names: [] }, files: { all: true } });
  await scene.addUser('none', { privileges: ['CREATEJOB'], databases: { names: [] }, files: { all: false } });
  const endpoint = endpointOf(scene);
  const attempt = (headers: Record<string, string>) =>
    refused(Buffer.from('x'), { endpoint, headers, metadata: { filename: 'x.csv' } });
  expect(await attempt({})).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
  for (const [user, scope] of [
    ['root', 'READ'],
    ['root', 'PREVIEW'],
    ['reader', 'FULL'],
    ['none', 'FULL'],
  ] as const) {
    const { token } = await tokenFor(scene.app, user, { scope });
    expect(await attempt(bearer(token))).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  }
  const foreign = await sendRaw(endpoint, {
    method: 'POST',
    headers: { ...bearer(scene.root), ...TUS, origin: 'https://evil.example' },
  });
  expect(foreign.status).toBe(403);
  expect(readdirSync(join(scene.app.dataDir, 'uploads'))).toEqual([]);
  await upload(Buffer.from('x'), { endpoint, headers: bearer(scene.root), metadata: { filename: 'x.csv' } });
  expect(readFileSync(join(scene.app.dataDir, 'files', 'x.csv'), 'utf8')).toBe('x');
});

test('an upload ends when its token is revoked, and nothing takes its place', async () => {
  await using scene = await startWithTokens();
  const { token, id } = await tokenFor(scene.app, 'root');
  const uploads = join(scene.app.dataDir, 'uploads');
  const metadata = `filename ${Buffer.from('late.csv').toString('base64')}`;
  const headers = { ...TUS, ...bearer(token), 'upload-length': '1000', 'upload-metadata': metadata };
  const begun = await fetch(endpointOf(scene), { method: 'POST', headers });
  const url = begun.headers.get('location') ?? '';
  const file = join(uploads, url.split('/').at(-1) ?? '');
  const type = { 'content-type': 'application/offset+octet-stream', 'upload-offset': '0', 'content-length': 1_000 };
  const changes = watch(file);
  const patch = send(new URL(url, scene.url), { method: 'PATCH', headers: { ...TUS, ...bearer(token), ...type } });
  const ended = new Promise<string>((resolve) => patch.once('error', ({ message }) => resolve(message)));
  patch.write('a'.repeat(500));
  for await (const _ of changes) if (statSync(file).size === 500) break;
  await scene.revoke(scene.root, id);
  expect(await ended).toMatch(/hang up|ECONNRESET/);
  expect((await fetch(new URL(url, scene.url), { method: 'HEAD', headers: { ...TUS, ...bearer(token) } })).status).toBe(
    401,
  );
  expect(readdirSync(join(scene.app.dataDir, 'files'))).toEqual(['sample.csv']);
});

test('a file may have MAX_UPLOAD_BYTES, and all files MAX_FILES_BYTES', async () => {
  await using app = await startApp({ settings: { MAX_UPLOAD_BYTES: '5000000', MAX_FILES_BYTES: '8000000' } });
  const at = (filename: string) => ({ endpoint: endpointOf(app), metadata: { filename } });
  const over = await refused(Buffer.alloc(5_000_001), at('over.bin'));
  expect(over).toMatchObject({ status: 413, code: 'PAYLOAD_TOO_LARGE', message: expect.stringContaining('5000000') });
  const url = await cut(randomBytes(5_000_000), at('unfinished.bin'));
  const full = await refused(Buffer.alloc(3_000_000), at('full.bin'));
  expect(full).toMatchObject({ status: 429, code: 'TOO_MANY', message: expect.stringContaining('MAX_FILES_BYTES') });
  expect((await fetch(url, { method: 'DELETE', headers: TUS })).status).toBe(204);
  expect(readdirSync(join(app.dataDir, 'uploads'))).toEqual([]);
  await upload(Buffer.alloc(3_000_000), at('full.bin'));
  expect((await list(app)).map(({ path }) => path)).toEqual(['full.bin', 'sample.csv']);
});

test('an upload survives a restart; what nobody has continued for a day is removed', async () => {
  using folder = temporaryFolder();
  const content = randomBytes(4 * MB);
  const begin = async () => {
    await using app = await startApp({ dataDir: folder.path });
    const options = { endpoint: endpointOf(app), metadata: { filename: 'late.bin' } };
    return new URL(await cut(content, options)).pathname;
  };
  const restart = (hours: number) => startApp({ dataDir: folder.path, now: () => Date.now() + hours * 3_600_000 });
  const path = await begin();
  const uploads = join(folder.path, 'data', 'uploads');
  {
    await using app = await restart(23);
    const url = new URL(path, app.url).href;
    expect((await head(url, 'root')).status).toBe(200);
    // All bytes have come, but the server was killed before the file was in its place.
    writeFileSync(join(uploads, path.split('/').at(-1) ?? ''), content);
    expect(Number((await head(url, 'root')).headers.get('upload-offset'))).toBe(content.length);
    expect(readFileSync(join(app.dataDir, 'files', 'late.bin')).equals(content)).toBe(true);
  }
  const next = await begin().catch((error: unknown) => error);
  expect(next).toBeInstanceOf(DetailedError);
  writeFileSync(join(uploads, `${'0'.repeat(32)}`), 'left');
  await using app = await restart(25);
  expect(readdirSync(uploads)).toEqual([]);
  expect(existsSync(join(app.dataDir, 'files', 'late.bin'))).toBe(true);
});

test('uploads work below the path of PUBLIC_URL, and from pages of allowed origins', async () => {
  const page = 'https://pages.example';
  await using app = await startApp({
    settings: { PUBLIC_URL: 'http://127.0.0.1/jobs', ALLOWED_ORIGINS: page },
  });
  const endpoint = endpointOf(app).replace('/files/', '/jobs/files/');
  const done = await upload(Buffer.from('below'), { endpoint, metadata: { filename: 'below.csv' } });
  expect(new URL(done.url).pathname).toMatch(/^\/jobs\/files\/[0-9a-f]{32}$/);
  expect(readFileSync(join(app.dataDir, 'files', 'below.csv'), 'utf8')).toBe('below');
  const preflight = await fetch(endpoint, {
    method: 'OPTIONS',
    headers: { origin: page, 'access-control-request-method': 'PATCH' },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-origin')).toBe(page);
  expect(preflight.headers.get('access-control-allow-methods')).toContain('PATCH');
  expect(preflight.headers.get('tus-max-size')).toBe(String(10 * 1_024 ** 3));
});
