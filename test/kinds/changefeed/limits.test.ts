/** What a feed keeps while nobody takes it, what the numbers say meanwhile, and who must never wait. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { PauseAsked } from '../../../src/jobs/kind.ts';
import { createFeed, drain, isDelivered, openPlace, revertFeed, startFeed } from './scene.ts';

const T = 'CREATE TABLE t (id INTEGER PRIMARY KEY, v)';
const LOG = '_signalbox_feed_27536791415282';

test('a paused feed keeps up to its bound, then stops to log and fails saying so, and nobody fails to write', async () => {
  await using place = openPlace(T, { maxFeedBytes: 20_000 });
  const feed = await createFeed(place, { initialScan: 'NO', onError: 'PAUSE' });
  await drain(place, feed, 1);
  for (let i = 0; i < 1_000; i++) place.sql.prepare('INSERT INTO t VALUES (?, ?)').run(i, 'x'.repeat(100));
  const [[rows, bytes]] = place.all(`SELECT count(*), sum(length(_signalbox_a1)) FROM ${LOG}`) as [[number, number]];
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThan(20_000);
  expect(place.all('SELECT count(*) FROM t')).toEqual([[1_000]]);
  const ended = (await startFeed(place, feed, 2).ended) as Error;
  expect(ended.message).toMatch(/passed the limit of 20000 bytes \(MAX_FEED_BYTES\): later changes are lost/);
  expect(ended).not.toBeInstanceOf(PauseAsked);
  // Nothing of a log with a gap is told as if it were whole.
  expect(place.files()).toEqual([]);
  expect(place.all(`SELECT count(*) FROM ${LOG}`)).toEqual([[rows]]);
  await revertFeed(place, feed, 3);
  expect(place.hidden()).toEqual([]);
});

test('one large row more than may wait is too much, and one that fits is not', async () => {
  await using place = openPlace(T, { maxFeedBytes: 50_000 });
  const feed = await createFeed(place, { initialScan: 'NO' });
  await drain(place, feed, 1);
  place.exec('INSERT INTO t VALUES (1, zeroblob(40000))');
  await drain(place, feed, 2);
  expect(place.messages().length).toBe(1);
  place.exec('INSERT INTO t VALUES (2, zeroblob(60000))');
  expect(String(await startFeed(place, feed, 3).ended)).toMatch(/MAX_FEED_BYTES/);
});

test('what was taken makes room again', async () => {
  await using place = openPlace(T, { maxFeedBytes: 5_000 });
  const feed = await createFeed(place, { initialScan: 'NO' });
  await drain(place, feed, 1);
  for (let epoch = 2; epoch < 8; epoch++) {
    for (let i = 0; i < 20; i++) place.sql.prepare('INSERT INTO t (v) VALUES (?)').run('x'.repeat(100));
    await drain(place, feed, epoch);
  }
  expect(place.messages().length).toBe(120);
  expect(place.all(`SELECT (SELECT max(size) FROM ${LOG}) - gone FROM ${LOG}_meter`)).toEqual([[0]]);
});

test('a scan never takes the room that is for changes, however small that is', async () => {
  await using place = openPlace(T, { maxFeedBytes: 10_000 });
  const put = place.sql.prepare('INSERT INTO t VALUES (?, ?)');
  for (let i = 0; i < 500; i++) put.run(i, 'x'.repeat(i === 250 ? 9_000 : 100));
  const feed = await createFeed(place);
  await drain(place, feed, 1);
  expect(place.messages().map(({ key }) => key)).toEqual(Array.from({ length: 500 }, (_, i) => [i]));
});

test('highWater moves while nothing happens, and never goes back', async () => {
  await using place = openPlace(T);
  const feed = await createFeed(place);
  const running = startFeed(place, feed);
  const seen = () =>
    running.steps.flatMap(({ counters }) => (counters?.highWater === undefined ? [] : [counters.highWater]));
  await running.until(() => new Set(seen()).size >= 2);
  place.exec('INSERT INTO t VALUES (1, 1)');
  const writtenAt = Date.now();
  await running.until(() => (seen().at(-1) ?? 0) > writtenAt);
  await running.stop();
  expect(seen()).toEqual([...seen()].sort((a, b) => a - b));
  expect(place.state().highWater).toBe(seen().at(-1));
  expect(place.messages().length).toBe(1);
});

test('a feed waits for whoever writes for long, and goes on when they are done', async () => {
  await using place = openPlace(T);
  const feed = await createFeed(place, { initialScan: 'NO' });
  const running = startFeed(place, feed);
  await running.until(() => isDelivered(place));
  place.exec('INSERT INTO t VALUES (1, 1); BEGIN IMMEDIATE');
  await running.until(() =>
    running.steps.some(({ message }) => message === 'waiting for the lock of database demo, held by another process'),
  );
  place.exec('INSERT INTO t VALUES (2, 2); COMMIT');
  await running.until(() => isDelivered(place));
  expect(await running.stop()).toBe('stopped');
  expect(place.messages().map(({ key }) => key)).toEqual([[1], [2]]);
});

test('a database that is not in WAL mode is followed too', async () => {
  await using place = openPlace(`PRAGMA journal_mode = DELETE; ${T}; INSERT INTO t VALUES (1, 1)`);
  const feed = await createFeed(place);
  const running = startFeed(place, feed);
  await running.until(() => isDelivered(place));
  place.exec('INSERT INTO t VALUES (2, 2)');
  await running.until(() => isDelivered(place));
  await running.stop();
  expect(place.messages().map(({ key }) => key)).toEqual([[1], [2]]);
});

test('values arrive as the format says: large integers and infinity as strings, blobs as base64', async () => {
  await using place = openPlace('CREATE TABLE t (id INTEGER PRIMARY KEY, "__proto__", b, c, d, e)');
  const feed = await createFeed(place, { initialScan: 'NO' });
  await drain(place, feed, 1);
  place.exec(`INSERT INTO t VALUES (9007199254740991, 1, 9007199254740992, -9223372036854775808, 9e999, x'00ff')`);
  place.exec(`INSERT INTO t VALUES (-9007199254740992, 'a' || char(0) || 'b', 0.1, '9007199254740993', -9e999, NULL)`);
  await drain(place, feed, 2);
  expect(place.messages().map(({ key, after }) => [key, ...Object.values(after ?? {})])).toEqual([
    [[9007199254740991], 9007199254740991, 1, '9007199254740992', '-9223372036854775808', 'Infinity', 'AP8='],
    [['-9007199254740992'], '-9007199254740992', 'a\0b', 0.1, '9007199254740993', '-Infinity', null],
  ]);
  expect(Object.keys(place.messages()[0]?.after ?? {})).toEqual(['id', '__proto__', 'b', 'c', 'd', 'e']);
});

test('envelopes', async () => {
  await using place = openPlace("CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 'a')");
  const feed = await createFeed(place, { envelope: 'BARE' });
  await drain(place, feed, 1);
  place.exec('DELETE FROM t');
  await drain(place, feed, 2);
  expect(place.messages()).toEqual([
    { id: 1, v: 'a', _signalbox: { key: [1], table: 't' } },
    { _signalbox: { key: [1], table: 't', deleted: true } },
  ]);
  await using other = openPlace("CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 'a')");
  await drain(other, await createFeed(other, { envelope: 'KEY_ONLY' }), 1);
  expect(other.messages()).toEqual([{ key: [1], table: 't' }]);
});

test('a file that was written and not noted is written again under its name, and none is torn', async () => {
  await using place = openPlace(`${T}; INSERT INTO t VALUES (1, 1), (2, 2)`);
  const feed = await createFeed(place, { initialScan: 'NO' });
  await drain(place, feed, 1);
  place.exec('INSERT INTO t VALUES (3, 3), (4, 4)');
  // As a worker leaves it that was killed between the file and its note.
  const name = '27536791415282-0000000000000002-0000000000000003.ndjson';
  await drain(place, feed, 2);
  expect(place.files()).toEqual([name]);
  const [row] = place.all('SELECT state FROM _signalbox_jobs') as [[string]];
  place.sql.prepare('UPDATE _signalbox_jobs SET state = ?').run(JSON.stringify({ ...JSON.parse(row[0]), acked: 1 }));
  place.exec(
    `INSERT INTO ${LOG} (seq, shape, op, at, size, _signalbox_a0, _signalbox_a1) VALUES (2, 1, 'W', 0, 0, 3, 3)`,
  );
  place.exec('INSERT INTO t VALUES (5, 5)');
  await drain(place, feed, 3);
  expect(place.files()).toEqual([name, '27536791415282-0000000000000004-0000000000000004.ndjson']);
  expect(place.messages().map(({ key }) => key)).toEqual([[3], [4], [5]]);
});

test('writers in other processes, of another SQLite, are seen, with what they replace', async () => {
  await using place = openPlace('CREATE TABLE t (id INTEGER PRIMARY KEY, u UNIQUE, v)');
  const feed = await createFeed(place);
  const running = startFeed(place, feed);
  await running.until(() => isDelivered(place));
  const script = `
    const sql = new (require('better-sqlite3'))(process.argv[1]);
    sql.exec("INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2); INSERT OR REPLACE INTO t VALUES (3, 'a', 3)");
    sql.exec("BEGIN; UPDATE OR REPLACE t SET u = 'a' WHERE id = 2; DELETE FROM t WHERE id = 2; COMMIT");`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', script, place.file], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  await running.until(() => isDelivered(place));
  await running.stop();
  expect(place.messages().map(({ key, after }) => [key[0], after?.u])).toEqual([
    [1, 'a'],
    [2, 'b'],
    [1, undefined],
    [3, 'a'],
    [3, undefined],
    [2, 'a'],
    [2, undefined],
  ]);
});
