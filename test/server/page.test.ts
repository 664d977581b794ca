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
