/** A table that a changefeed watches gets another shape: its triggers are made anew in the moment of the swap. */
import { expect, test } from 'vitest';
import { schemaChangeKind } from '../../../src/kinds/schema-change/index.ts';
import { claimOf, ioOf } from '../../support/claimed.ts';
import { createFeed, drain, isDelivered, openPlace, type Place, revertFeed, startFeed } from '../changefeed/scene.ts';
import type { Changes } from './scene.ts';

const T = `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b INT);
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500) INSERT INTO t SELECT i, 'a' || i, i FROM n`;

/** Makes the changes as a job of its own; `meanwhile` is called at each step that holds no lock. */
const change = async (
  place: Place,
  changes: Changes,
  meanwhile: (step: number) => void = () => undefined,
  jobId = '99',
) => {
  const { details } = await schemaChangeKind.create({ database: 'demo', changes }, place.environment);
  const work = { details, checkpoint: null, claim: claimOf(jobId, 1), began: false };
  const io = ioOf(place.environment);
  await schemaChangeKind.acquireFence?.(work, io, 'run');
  let steps = 0;
  for await (const { commit } of schemaChangeKind.run(work, io)) {
    steps += 1;
    if (!commit) meanwhile(steps);
  }
};
const ADD = { addColumn: { table: 't', column: { name: 'c', type: 'TEXT', default: "'new'", nullable: false } } };
const NOT_NULL = { alterColumn: { table: 't', column: 'b', nullable: false } };

test.each([
  ['paused', false],
  ['at work', true],
])(
  'a feed that is %s is told of every write before and behind the swap, each in the shape of its moment',
  async (_, isRunning) => {
    await using place = openPlace(T);
    const feed = await createFeed(place, { initialScan: 'NO' });
    await drain(place, feed, 1);
    const running = isRunning ? startFeed(place, feed, 2) : null;
    const written: number[] = [];
    await change(place, [NOT_NULL, ADD, { renameColumn: { table: 't', column: 'a', to: 'aa' } }], (step) => {
      written.push(step);
      const name = place.all("SELECT 1 FROM pragma_table_info('t') WHERE name = 'aa'").length > 0 ? 'aa' : 'a';
      place.exec(
        `UPDATE t SET b = -b WHERE id = ${step}; REPLACE INTO t (id, ${name}, b) VALUES (${-step}, 'a${100 + step}', 0)`,
      );
    });
    if (running === null) await drain(place, feed, 2);
    else {
      await running.until(() => isDelivered(place));
      expect(await running.stop()).toBe('stopped');
    }

    const told = new Map(place.messages().map(({ key, after }) => [String(key), after]));
    // Nothing but what was written was told: copying is no change.
    const keys = written.flatMap((step) => [`${step}`, `${-step}`, `${100 + step}`]);
    expect([...told.keys()].sort()).toEqual(keys.sort());
    for (const step of written) {
      expect(told.get(`${step}`)).toMatchObject({ id: step, b: -step });
      expect(told.get(`${100 + step}`)).toBeNull();
    }
    expect(told.get(`${written[0]}`)).toEqual({ id: written[0], a: `a${written[0]}`, b: -(written[0] ?? 0) });
    const last = written.at(-1) ?? 0;
    expect(told.get(`${last}`)).toEqual({ id: last, aa: `a${last}`, b: -last, c: 'new' });
    await revertFeed(place, feed, 3);
    expect(place.hidden()).toEqual([]);
  },
);

test('a feed follows a change that only the catalogue knows of, of its key too', async () => {
  await using place = openPlace(T);
  const feed = await createFeed(place, { initialScan: 'NO', diff: true });
  await drain(place, feed, 1);
  await change(place, [{ renameColumn: { table: 't', column: 'id', to: 'key' } }, ADD]);
  place.exec("UPDATE t SET c = 'x' WHERE key = 7; DELETE FROM t WHERE key = 8");
  await drain(place, feed, 2);
  expect(place.messages()).toEqual([
    { key: [7], after: { key: 7, a: 'a7', b: 7, c: 'x' }, before: { key: 7, a: 'a7', b: 7, c: 'new' }, table: 't' },
    { key: [8], after: null, before: { key: 8, a: 'a8', b: 8, c: 'new' }, table: 't' },
  ]);
});

test('a feed follows a table that is renamed, with a copy and without, and its messages name the table of their moment', async () => {
  await using place = openPlace(T);
  const feed = await createFeed(place, { initialScan: 'NO' });
  await drain(place, feed, 1);
  await change(place, [{ renameTable: { table: 't', to: 'u' } }], undefined, '98');
  place.exec('DELETE FROM u WHERE id = 1');
  await change(place, [
    { renameTable: { table: 'u', to: 'v' } },
    { alterColumn: { table: 'v', column: 'b', nullable: false } },
  ]);
  place.exec('DELETE FROM v WHERE id = 2');
  await drain(place, feed, 2);
  expect(place.messages()).toEqual([
    { key: [1], after: null, table: 'u' },
    { key: [2], after: null, table: 'v' },
  ]);
  await revertFeed(place, feed, 3);
  expect(place.hidden()).toEqual([]);
});

test('what a unique index that was made pushes out is told at once', async () => {
  await using place = openPlace(T);
  const feed = await createFeed(place, { initialScan: 'NO' });
  await drain(place, feed, 1);
  await change(place, [{ createIndex: { table: 't', name: 'late', columns: ['b'], unique: true } }]);
  place.exec("INSERT OR REPLACE INTO t VALUES (9000, 'new', 44)");
  await drain(place, feed, 2);
  expect(place.messages()).toEqual([
    { key: [44], after: null, table: 't' },
    { key: [9000], after: { id: 9000, a: 'new', b: 44 }, table: 't' },
  ]);
});
