import { expect, test, vi } from 'vitest';
import { PauseAsked, Transient } from '../../../src/jobs/kind.ts';
import { webhookSink } from '../../../src/kinds/changefeed/webhook-sink.ts';
import { receive } from '../../support/receiver.ts';
import { serve, status } from '../../support/web.ts';
import { createFeed, type FeedInput, isDelivered, openPlace, startFeed } from './scene.ts';

const T = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO t VALUES (1, 'one'), (2, 'two')";
const HOUR_MS = 60 * 60 * 1_000;
const SECRET = `whsec_${Buffer.alloc(32).toString('base64')}`;
type Receiver = Awaited<ReturnType<typeof receive>>;

const openFor = async (receiver: Receiver, input: FeedInput = {}, statements = T) => {
  const place = openPlace(statements, { allowPrivateHosts: [receiver.host] });
  const feed = await createFeed(place, { sink: receiver.url, ...input });
  receiver.trust(feed.shown?.webhookSecret);
  return { place, feed };
};

test('messages come in signed batches, in order, under an id of their own', async () => {
  await using receiver = await receive();
  const { place, feed } = await openFor(receiver, { updated: true });
  await using _ = place;
  expect(feed.shown?.webhookSecret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(JSON.stringify(feed.details)).not.toContain('whsec_');
  expect(receiver.tried).toEqual([]);
  const running = startFeed(place, feed);
  await running.until(() => isDelivered(place));
  place.exec("BEGIN; INSERT INTO t VALUES (3, 'three'); DELETE FROM t WHERE id = 1; COMMIT");
  await running.until(() => isDelivered(place));
  await running.stop();
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(receiver.messages()).toEqual([
    { key: [1], after: { id: 1, name: 'one' }, table: 't', updated: time },
    { key: [2], after: { id: 2, name: 'two' }, table: 't', updated: time },
    { key: [3], after: { id: 3, name: 'three' }, table: 't', updated: time },
    { key: [1], after: null, table: 't', updated: time },
  ]);
  expect(receiver.forged).toEqual([]);
  expect(new Set(receiver.tried.map(({ id }) => id)).size).toBe(receiver.tried.length);
  const times = receiver.messages().map(({ updated }) => String(updated));
  expect(times).toEqual([...times].sort());
});

test('a batch that is not taken is sent again, the same under the same id, and nothing passes it', async () => {
  await using receiver = await receive((n, _, response) => {
    if (n === 0) response.writeHead(500).end();
    if (n === 1) response.destroy();
    return n < 2;
  });
  const { place, feed } = await openFor(receiver);
  await using _ = place;
  const running = startFeed(place, feed);
  await running.until(() => isDelivered(place));
  await running.stop();
  const [first, ...others] = receiver.tried.slice(0, 3);
  expect(others).toEqual([first, first]);
  expect(receiver.messages().map(({ key }) => key)).toEqual([[1], [2]]);
});

test('a receiver that fails again and again has the job tried again later, and nothing is lost', async () => {
  let fails = true;
  await using receiver = await receive((_, __, response) => {
    if (fails) response.writeHead(503).end();
    return fails;
  });
  const { place, feed } = await openFor(receiver);
  await using _ = place;
  const ended = await startFeed(place, feed).ended;
  expect(ended).toEqual(new Transient(`${receiver.url} answered 503`));
  expect(place.state().acked).toBe(1);
  fails = false;
  place.exec("INSERT INTO t VALUES (3, 'three')");
  const running = startFeed(place, feed, 2);
  await running.until(() => isDelivered(place));
  await running.stop();
  expect(receiver.messages().map(({ key }) => key)).toEqual([[1], [2], [3]]);
});

test('a Retry-After is respected, and the job reports the wait', async () => {
  await using receiver = await receive((n, _, response) => {
    if (n === 0) response.writeHead(429, { 'retry-after': '1' }).end();
    return n === 0;
  });
  const { place, feed } = await openFor(receiver);
  await using _ = place;
  const running = startFeed(place, feed);
  await running.until(() => isDelivered(place));
  await running.stop();
  expect(running.steps.map(({ message }) => message)).toContain(
    `waiting 1 s, as requested: ${receiver.url} answered 429`,
  );
});

test.each([
  [429, 60_000, 60_000],
  [503, 60_000, 60_000],
  [429, 100 * HOUR_MS, 24 * HOUR_MS],
  [500, 60_000, 100],
])(
  'after %i with a Retry-After of %i ms a batch is sent again in %i ms, and not before',
  async (code, asked, waited) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const answers = [{ status: code, retryAfterMs: asked }];
      let sent = 0;
      const post = async () => {
        sent += 1;
        return answers.shift() ?? { status: 200, retryAfterMs: null };
      };
      const sink = webhookSink({ url: 'webhook', post, connect: async () => {}, close: () => {} }, '1', SECRET);
      const delivery = (async () => {
        for await (const _ of sink.deliver({ first: 1, last: 1, texts: ['{}'] }, new AbortController().signal));
      })();
      while (vi.getTimerCount() === 0) await new Promise(setImmediate);
      await vi.advanceTimersByTimeAsync(waited - 1);
      expect(sent).toBe(1);
      await vi.advanceTimersByTimeAsync(1);
      await delivery;
      expect(sent).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  },
);

// By itself it would give the receiver up after 30 s.
test('a stop is heard while a receiver is silent', { timeout: 25_000 }, async () => {
  let arrive: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  await using receiver = await receive(() => {
    arrive();
    return true;
  });
  const { place, feed } = await openFor(receiver);
  await using _ = place;
  const running = startFeed(place, feed);
  await Promise.race([arrived, running.ended]);
  expect(receiver.tried.length).toBe(1);
  expect(await running.stop()).toBe('stopped');
  // And nobody's writes wait for it.
  place.exec("INSERT INTO t VALUES (3, 'three')");
});

test.each([
  ['FAIL', Error],
  ['PAUSE', PauseAsked],
] as const)('an answer of 400 is final: onError %s', async (onError, Failure) => {
  await using receiver = await receive((_, __, response) => {
    response.writeHead(400).end();
    return true;
  });
  const { place, feed } = await openFor(receiver, { onError });
  await using _ = place;
  const ended = (await startFeed(place, feed).ended) as Error;
  expect(ended).toBeInstanceOf(Failure);
  expect(ended).not.toBeInstanceOf(Transient);
  expect(ended.message).toBe(`${receiver.url} answered 400: it does not accept these messages`);
  expect(receiver.tried.length).toBe(1);
});

test.each([301, 302, 307, 308])('a redirect by %i to a private address is not followed', async (code) => {
  await using hidden = await serve(status(200));
  await using receiver = await receive((_, __, response) => {
    response.writeHead(code, { location: `${hidden.url.replace('127.0.0.1', '127.0.0.2')}/x` }).end();
    return true;
  });
  const { place, feed } = await openFor(receiver);
  await using _ = place;
  expect(String(await startFeed(place, feed).ended)).toMatch(/its host is on a private address/);
  expect(hidden.requests).toEqual([]);
});

test('a redirect to where messages may go takes them there, whole', async () => {
  await using last = await receive();
  await using receiver = await receive((_, __, response) => {
    response.writeHead(308, { location: last.url.replace('webhook-', '') }).end();
    return true;
  });
  const { place, feed } = await openFor(receiver);
  await using _ = place;
  const allowed = { ...place, environment: { ...place.environment, allowPrivateHosts: [receiver.host, last.host] } };
  last.trust(feed.shown?.webhookSecret);
  const running = startFeed(allowed, feed);
  await running.until(() => isDelivered(place));
  await running.stop();
  expect(last.messages().map(({ key }) => key)).toEqual([[1], [2]]);
  expect(last.forged).toEqual([]);
});

test('a large table is told in batches of at most 500, each row once, though its log stays short', async () => {
  await using receiver = await receive();
  const many =
    'WITH RECURSIVE n (i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 6000) INSERT INTO t SELECT i, i FROM n';
  const { place, feed } = await openFor(receiver, {}, `${T}; ${many}`);
  await using _ = place;
  let longest = 0;
  const running = startFeed(place, feed);
  await running.until(() => {
    const [row] = place.all("SELECT name FROM sqlite_schema WHERE name = '_signalbox_feed_27536791415282'");
    if (row !== undefined) {
      const [[rows]] = place.all('SELECT count(*) FROM _signalbox_feed_27536791415282') as [[number]];
      longest = Math.max(longest, rows);
    }
    return isDelivered(place);
  });
  await running.stop();
  expect(receiver.messages().map(({ key }) => key)).toEqual(Array.from({ length: 6000 }, (_, i) => [i + 1]));
  expect(Math.max(...receiver.taken.map(({ payload }) => payload.length))).toBeLessThanOrEqual(500);
  expect(longest).toBeLessThan(5_000);
  expect(place.state().messages).toBe(6000);
});

test('resolved says that nothing older is to come, and is never wrong, also when a clock goes back', async () => {
  await using receiver = await receive();
  const { place, feed } = await openFor(receiver, { updated: true, resolvedEveryMs: 50 });
  await using _ = place;
  const running = startFeed(place, feed);
  await running.until(() => running.steps.length > 0);
  const resolvedCount = () => receiver.messages().filter(({ resolved }) => resolved).length;
  const untilResolved = async (more: number) => {
    const before = resolvedCount();
    await running.until(() => resolvedCount() >= before + more);
  };
  for (let i = 3; i < 40; i++) {
    place.exec(`INSERT INTO t VALUES (${i}, 'x')`);
    // An entry as a writer makes it whose clock is an hour behind.
    if (i === 20)
      place.exec(
        'UPDATE _signalbox_feed_27536791415282 SET at = at - 3600000 WHERE seq = (SELECT max(seq) FROM _signalbox_feed_27536791415282)',
      );
    // Some come right behind each other, and some with a message between them that says how far it is resolved.
    if (i % 6 === 0) await untilResolved(1);
  }
  await untilResolved(3);
  await running.stop();
  let latest = '';
  for (const { updated, resolved } of receiver.messages()) {
    const time = String(resolved ?? updated);
    expect(time >= latest).toBe(true);
    latest = time;
  }
  const firstResolved = receiver.messages().findIndex(({ resolved }) => resolved);
  expect(firstResolved).toBeGreaterThanOrEqual(2);
});
