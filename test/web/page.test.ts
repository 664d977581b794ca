import { expect, test } from 'vitest';
import { startApp } from '../support/app.ts';
import { sendRaw } from '../support/wire.ts';

test('a browser keeps the page of the playground, and a reload fetches nothing', async () => {
  await using app = await startApp();
  const accept = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
  const page = await sendRaw(app.url, { headers: accept });
  expect(page).toMatchObject({
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'content-security-policy': "frame-ancestors 'none'",
      etag: expect.stringMatching(/^"[\w-]+"$/),
    },
  });
  expect(page.text).toContain('<title>Signalbox</title>');

  const tag = page.headers.etag ?? '';
  expect(await sendRaw(app.url, { headers: { ...accept, 'if-none-match': tag } })).toMatchObject({
    status: 304,
    text: '',
  });
  expect(await sendRaw(app.url, { headers: { ...accept, 'if-none-match': '"another"' } })).toMatchObject({
    status: 200,
  });
  // What is no browser gets the API at the same place.
  const query = await sendRaw(`${app.url}?query=%7B__typename%7D`);
  expect(JSON.parse(query.text)).toEqual({ data: { __typename: 'Query' } });
});

test('the page of the jobs and its files are served under fixed names, with a strict policy, and are kept', async () => {
  await using app = await startApp();
  const at = (path: string, headers = {}, method = 'GET') =>
    sendRaw(new URL(app.url).origin + path, { headers, method });
  const page = await at('/');
  expect(page).toMatchObject({
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      etag: expect.stringMatching(/^"[\w-]+"$/),
    },
  });
  const policy = String(page.headers['content-security-policy']).split('; ');
  expect(policy).toEqual(
    expect.arrayContaining(["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"]),
  );
  expect(policy.join()).not.toContain('unsafe');
  expect(await at('/', { 'if-none-match': page.headers.etag })).toMatchObject({ status: 304, text: '' });
  expect(await at('/', {}, 'HEAD')).toMatchObject({ status: 200, text: '' });

  const files = [...page.text.matchAll(/(?:src|href)="(jobs-page\/[^"]+)"/g)].map(([, path = '']) => `/${path}`);
  expect(files.length).toBeGreaterThan(2);
  for (const path of files) {
    const type = path.endsWith('.js') ? 'text/javascript; charset=utf-8' : 'text/css; charset=utf-8';
    expect(await at(path)).toMatchObject({ status: 200, headers: { 'content-type': type } });
  }
  for (const path of [
    '/jobs-page/',
    '/jobs-page/index.html',
    '/jobs-page/../listen.ts',
    '/jobs-page/%2e%2e/listen.ts',
  ]) {
    expect((await at(path)).status).toBe(404);
  }
});
