import { expect, test } from 'vitest';
import { startApp } from '../support/app.ts';
import { postJson, sendRaw } from '../support/wire.ts';

const getOf = (url: string, query: string) => `${url}?query=${encodeURIComponent(query)}`;
const NAME = '{ viewer { name } }';

test('a page of another site sends no operation by GET, as an image does without an Origin', async () => {
  await using app = await startApp();
  const subscription = getOf(app.url, 'subscription { changefeed(jobId: "1", after: "1") { __typename } }');
  for (const site of ['cross-site', 'same-site']) {
    for (const accept of ['text/event-stream', 'image/avif,image/webp,*/*', 'text/html']) {
      for (const url of [subscription, getOf(app.url, NAME)]) {
        const reply = await sendRaw(url, { headers: { accept, 'sec-fetch-site': site } });
        expect([reply.status, JSON.parse(reply.text).errors[0].extensions], `${site} ${accept}`).toEqual([
          403,
          { code: 'FORBIDDEN' },
        ]);
      }
    }
  }
  for (const site of ['same-origin', 'none']) {
    const reply = await sendRaw(getOf(app.url, NAME), {
      headers: { accept: 'application/json', 'sec-fetch-site': site },
    });
    expect(reply.status, site).toBe(200);
  }
  // A link from another site still opens the playground.
  const page = await sendRaw(app.url, { headers: { accept: 'text/html', 'sec-fetch-site': 'cross-site' } });
  expect(page.status).toBe(200);
});

test('every answer, errors too, forbids sniffing of its type and use by other sites', async () => {
  await using app = await startApp({ settings: { ALLOWED_ORIGINS: 'https://example.com' } });
  const origin = { origin: 'https://example.com' };
  const replies = {
    answer: await postJson(app.url, { query: NAME }, origin),
    refused: await postJson(app.url, { query: '{ nothing }' }, origin),
    unread: await sendRaw(app.url, { method: 'POST', headers: { ...origin, 'content-type': 'text/plain' }, body: 'x' }),
    method: await sendRaw(app.url, { method: 'DELETE', headers: origin }),
    missing: await sendRaw(new URL('/nowhere', app.url).href, { headers: origin }),
    health: await sendRaw(new URL('/health', app.url).href, { headers: origin }),
    page: await sendRaw(new URL('/', app.url).href, { headers: origin }),
    playground: await sendRaw(app.url, { headers: { ...origin, accept: 'text/html' } }),
  };
  for (const [name, { headers }] of Object.entries(replies)) {
    expect(headers['x-content-type-options'], name).toBe('nosniff');
    expect(headers['cross-origin-resource-policy'], name).toBe('same-origin');
    expect(headers['access-control-allow-origin'], name).toBe('https://example.com');
  }
  const foreign = await sendRaw(app.url, { headers: { origin: 'https://evil.example' } });
  expect([
    foreign.status,
    foreign.headers['access-control-allow-origin'],
    foreign.headers['x-content-type-options'],
  ]).toEqual([403, undefined, 'nosniff']);
});
