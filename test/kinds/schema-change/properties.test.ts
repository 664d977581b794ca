import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Step } from '../../../src/jobs/kind.ts';
import { schemaChangeKind } from '../../../src/kinds/schema-change/index.ts';
import { execute } from '../contract.ts';
import {
  changeByHand,
  createText,
  type HandChange,
  type HandColumn,
  type HandTable,
  indexText,
  SECOND,
} from './by-hand.ts';
import { openPlace, SCHEMA_CHANGE } from './scene.ts';

const NAME = 'the "table';
const NAMES = ['one', SECOND, 'three', 'order', 'a "b"'];
const LOOSE = ['INTEGER', 'TEXT', 'REAL', 'NUMERIC', 'BLOB', 'VARCHAR(10)', 'DOUBLE'];
const STRICT = ['INTEGER', 'INT', 'TEXT', 'REAL', 'BLOB', 'ANY'];
const DEFAULTS: Readonly<Record<string, readonly string[]>> = {
  TEXT: ["'x'", "''", "('a' || 'b')"],
  REAL: ['1.5', '-2', '(1 + 1)'],
  BLOB: ["x'0a'"],
};
const defaultsOf = (type: string) =>
  DEFAULTS[type] ?? (type === 'VARCHAR(10)' ? ["'y'"] : ['7', '-0', '(3)', '+5', '0x1F', 'TRUE', '-1e3']);

const column = (name: string, strict: boolean) =>
  fc.constantFrom(...(strict ? STRICT : LOOSE)).chain((type) =>
    fc.record({
      name: fc.constant(name),
      type: fc.constant(type),
      notNull: fc.boolean(),
      default: fc.option(fc.constantFrom(...defaultsOf(type))),
      nocase: fc.boolean(),
      unique: fc.nat(5).map((n) => n === 0),
      from: fc.constant(name),
    }),
  );

const keyColumn = (first: HandColumn, key: HandTable['key'], strict: boolean): HandColumn => {
  if (key === 'none') return first;
  const type = key === 'plain' || key === 'without rowid' ? (strict ? 'TEXT' : 'VARCHAR(10)') : 'INTEGER';
  return { ...first, type, default: null, unique: false, nocase: first.nocase && key !== 'rowid' && key !== 'counted' };
};

const table: fc.Arbitrary<HandTable> = fc
  .record({
    key: fc.constantFrom('none', 'rowid', 'counted', 'plain', 'without rowid' as const),
    strict: fc.boolean(),
    count: fc.integer({ min: 2, max: NAMES.length }),
    generated: fc.constantFrom('none', 'none', 'virtual', 'stored' as const),
    checked: fc.boolean(),
  })
  .chain(({ count, ...shape }) =>
    fc.tuple(...NAMES.slice(0, count).map((name) => column(name, shape.strict))).chain((columns) =>
      fc
        .array(
          fc.record({
            columns: fc.uniqueArray(fc.nat(count - 1), { minLength: 1, maxLength: 2 }),
            descending: fc.boolean(),
            unique: fc.nat(2).map((n) => n === 0),
            where: fc.option(fc.nat(count - 1)),
          }),
          { maxLength: 2 },
        )
        .map((indexes): HandTable => {
          const [first, second, ...rest] = columns as HandColumn[];
          const isKey = shape.key === 'without rowid';
          const all = [
            keyColumn(first as HandColumn, shape.key, shape.strict),
            isKey ? { ...(second as HandColumn), default: null } : (second as HandColumn),
            ...rest,
          ].map((one, i) => (isKey && i < 2 ? { ...one, notNull: true } : one));
          return {
            ...shape,
            columns: all,
            indexes: indexes.map((index, i) => ({
              name: `index ${i}`,
              columns: index.columns.map((at) => ({ name: NAMES[at] ?? '', descending: index.descending })),
              unique: index.unique,
              where: index.where === null ? null : (NAMES[index.where] ?? ''),
            })),
          };
        }),
    ),
  );

const value = fc.oneof(
  fc.constantFrom('NULL', '0', '1', '13', '-7', '9007199254740993', '1.0', '2.5', '0.1 + 0.2', '1e300', "x'31'"),
  fc.constantFrom(
    "'1'",
    "'007'",
    "'2.50'",
    "'1e3'",
    "'abc'",
    "''",
    "'9223372036854775808'",
    "' 5 '",
    "'ABC'",
    "'0.30000000000000004'",
  ),
  fc.nat(1000).map(String),
  fc.nat(1000).map((n) => `'${n}'`),
);
const rows = fc.array(fc.array(value, { minLength: NAMES.length, maxLength: NAMES.length }), { maxLength: 12 });

const someColumn = fc.constantFrom(...NAMES.slice(0, 4), 'new', 'nowhere');
const change = (strict: boolean): fc.Arbitrary<HandChange> => {
  const type = fc.constantFrom(...(strict ? STRICT : LOOSE));
  const given = type.chain((name) =>
    fc.record({
      type: fc.constant(name),
      default: fc.option(fc.constantFrom(...defaultsOf(name)), { nil: undefined }),
    }),
  );
  return fc.oneof(
    {
      weight: 2,
      arbitrary: fc.record({
        addColumn: given.chain((its) =>
          fc.record({
            table: fc.constant(NAME),
            column: fc.record({
              name: fc.constantFrom('new', 'newer', 'ONE'),
              nullable: fc.boolean(),
              type: fc.constant(its.type),
              default: fc.constant(its.default),
            }),
          }),
        ),
      }),
    },
    { weight: 2, arbitrary: fc.record({ dropColumn: fc.record({ table: fc.constant(NAME), column: someColumn }) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        renameColumn: fc.record({
          table: fc.constant(NAME),
          column: someColumn,
          to: fc.constantFrom('renamed', 'select', 'three'),
        }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        alterColumn: fc.oneof(
          fc.record({ table: fc.constant(NAME), column: someColumn, type }),
          fc.record({ table: fc.constant(NAME), column: someColumn, nullable: fc.boolean() }),
          fc.record({ table: fc.constant(NAME), column: someColumn, dropDefault: fc.constant(true) }),
        ),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        createIndex: fc.record({
          table: fc.constant(NAME),
          name: fc.constantFrom('index 0', 'made index'),
          columns: fc.uniqueArray(someColumn, { minLength: 1, maxLength: 2 }),
          unique: fc.boolean(),
        }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        dropIndex: fc.record({ table: fc.constant(NAME), name: fc.constantFrom('index 0', 'INDEX 1', 'made index') }),
      }),
    },
  );
};

const scene = table.chain((made) =>
  fc.record({ made: fc.constant(made), rows, changes: fc.array(change(made.strict), { minLength: 1, maxLength: 3 }) }),
);

const fill = (sql: Sqlite.Database, made: HandTable, values: readonly (readonly string[])[]) => {
  for (const row of values) {
    const names = made.columns.map(({ name }) => `"${name.replaceAll('"', '""')}"`).join(', ');
    try {
      sql.exec(
        `INSERT OR IGNORE INTO "the ""table" (${names}) VALUES (${row.slice(0, made.columns.length).join(', ')})`,
      );
    } catch (error) {
      // A type that a STRICT table refuses.
      if (!(error instanceof Sqlite.SqliteError)) throw error;
    }
  }
};

/** What a table is, however its statement is written, and what is in it. */
const snapshotOf = (sql: Sqlite.Database, withoutRowid: boolean) => {
  const all = (select: string, ...values: unknown[]) =>
    sql
      .prepare(select)
      .raw()
      .safeIntegers()
      .all(...values);
  const indexes = all(
    'SELECT name, "unique", origin, partial FROM pragma_index_list(?) ORDER BY origin, name',
    NAME,
  ) as string[][];
  return {
    columns: all('SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?)', NAME),
    options: all('SELECT wr, strict FROM pragma_table_list WHERE name = ?', NAME),
    indexes: indexes.map((index) => [
      index.slice(index[2] === 'c' ? 0 : 1),
      all('SELECT name, "desc", coll FROM pragma_index_xinfo(?)', index[0]),
    ]),
    rows: all(`SELECT ${withoutRowid ? '' : '_rowid_, '}* FROM "the ""table"`).map((row) =>
      (row as unknown[]).map((one) =>
        typeof one === 'bigint' ? `${one}` : typeof one === 'string' ? JSON.stringify(one) : one,
      ),
    ),
    sound: sql.pragma('integrity_check', { simple: true }),
  };
};

const runs = Number(process.env.RUNS ?? 150);

test('a table comes to be what it is by hand, or neither can be made', async () => {
  let made = 0;
  await fc.assert(
    fc.asyncProperty(scene, async ({ made: shape, rows: values, changes }) => {
      const withoutRowid = shape.key === 'without rowid';
      await using place = openPlace(
        [createText(shape, NAME), ...shape.indexes.map((index) => indexText(index, NAME))].join(';'),
      );
      const byHand = new Sqlite(':memory:');
      try {
        byHand.exec([createText(shape, NAME), ...shape.indexes.map((index) => indexText(index, NAME))].join(';'));
        for (const sql of [place.sql, byHand]) fill(sql, shape, values);
        const isMade = changeByHand(byHand, shape, NAME, changes);
        const expected = snapshotOf(byHand, withoutRowid);
        const counted = countedOf(place.sql);
        const refusal = await tryChanges(place, changes);
        expect(refusal === null, `${refusal}`).toBe(isMade);
        expect(snapshotOf(place.sql, withoutRowid)).toEqual(expected);
        expect(place.hidden()).toEqual([]);
        expect(countedOf(place.sql)).toEqual(counted);
        if (isMade) made += 1;
      } finally {
        byHand.close();
      }
    }),
    { numRuns: runs },
  );
  // Some of both: a fifth of them is made, in the mean.
  expect(made).toBeGreaterThan(runs / 30);
  expect(made).toBeLessThan((runs * 29) / 30);
});

const q = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** What somebody may write to a table, of whatever shape. */
const writes = (made: HandTable): fc.Arbitrary<string> => {
  const one = fc.constantFrom(...made.columns.map(({ name }) => q(name)));
  // See outcomeOf: what breaks NOT NULL and a type is refused then, and not ignored.
  const ignore = made.strict ? 'OR ABORT' : 'OR IGNORE';
  const conflict = fc.constantFrom('', 'OR REPLACE', 'OR REPLACE', ignore, 'OR FAIL');
  const some = fc.array(value, { minLength: made.columns.length, maxLength: made.columns.length });
  const names = made.columns.map(({ name }) => q(name)).join(', ');
  // One row: whether a statement meets a row that is still in its way, the order tells in which SQLite goes through them.
  const key =
    made.key === 'without rowid'
      ? made.columns
          .slice(0, 2)
          .map(({ name }) => q(name))
          .join(', ')
      : '_rowid_';
  const first = (condition: string) =>
    `(${key}) = (SELECT ${key} FROM ${q(NAME)} WHERE ${condition} ORDER BY ${key} LIMIT 1)`;
  return fc.oneof(
    fc
      .tuple(conflict, some)
      .map(([verb, values]) => `INSERT ${verb} INTO ${q(NAME)} (${names}) VALUES (${values.join(', ')})`),
    fc
      .tuple(conflict, one, value, one, value)
      .map(
        ([verb, set, to, where, is]) =>
          `UPDATE ${verb} ${q(NAME)} SET ${set} = ${to} WHERE ${first(`${where} IS ${is}`)}`,
      ),
    fc
      .tuple(conflict, one, one, fc.nat(3))
      .map(
        ([verb, set, by, n]) => `UPDATE ${verb} ${q(NAME)} SET ${set} = ${by} WHERE ${first(`length(${by}) = ${n}`)}`,
      ),
    fc.tuple(one, value).map(([where, is]) => `DELETE FROM ${q(NAME)} WHERE ${where} IS ${is}`),
  );
};

/** Changes that no row can speak against. */
const harmless: fc.Arbitrary<HandChange> = fc.constantFrom<HandChange>(
  { addColumn: { table: NAME, column: { name: 'new', type: 'TEXT', nullable: false, default: "('x' || 1)" } } },
  { createIndex: { table: NAME, name: 'made index', columns: [SECOND, 'one'] } },
  { dropIndex: { table: NAME, name: 'index 0' } },
  { renameColumn: { table: NAME, column: SECOND, to: 'renamed' } },
);
const written = table.chain((made) =>
  fc.record({
    made: fc.constant(made),
    rows: fc.array(fc.array(value, { minLength: NAMES.length, maxLength: NAMES.length }), { maxLength: 40 }),
    changes: fc.uniqueArray(harmless, { minLength: 1, maxLength: 3 }),
    before: fc.array(writes(made), { maxLength: 6 }),
    between: fc.array(writes(made), { maxLength: 12 }),
  }),
);

test('whatever is written meanwhile, by REPLACE too, comes to the same as if it had been written before', async () => {
  let changed = 0;
  await fc.assert(
    fc.asyncProperty(written, async ({ made, rows: values, changes, before, between }) => {
      const statements = [createText(made, NAME), ...made.indexes.map((index) => indexText(index, NAME))].join(';');
      await using place = openPlace(statements);
      const byHand = new Sqlite(':memory:');
      try {
        byHand.exec(statements);
        for (const sql of [place.sql, byHand]) fill(sql, made, values);
        const write = (statement: string) => {
          const [first, second] = [place.sql, byHand].map((sql) => outcomeOf(sql, statement));
          expect(first, statement).toBe(second);
        };
        let isBefore = true;
        const late = [...between];
        const refusal = await tryChanges(place, changes, ({ message }) => {
          if (message === 'swapping') for (const statement of late.splice(0)) write(statement);
          else if (isBefore) for (const statement of before) write(statement);
          isBefore = false;
        });
        const isMade = changeByHand(byHand, made, NAME, changes);
        expect(refusal === null, `${refusal}`).toBe(isMade);
        const withoutRowid = made.key === 'without rowid';
        expect(snapshotOf(place.sql, withoutRowid)).toEqual(snapshotOf(byHand, withoutRowid));
        if (isMade) changed += 1;
      } finally {
        byHand.close();
      }
    }),
    { numRuns: runs },
  );
  expect(changed).toBeGreaterThan(runs / 30);
});

const outcomeOf = (sql: Sqlite.Database, statement: string): string => {
  try {
    return String(sql.prepare(statement).run().changes);
  } catch (error) {
    // With a trigger BEFORE it, SQLite looks at the types of a STRICT table first, and then at all else.
    if (error instanceof Sqlite.SqliteError) return 'refused';
    throw error;
  }
};

const countedOf = (sql: Sqlite.Database) =>
  sql.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'").get() &&
  sql.prepare('SELECT * FROM sqlite_sequence').all();

/** Null when the changes were made; else why not. */
const tryChanges = async (
  place: ReturnType<typeof openPlace>,
  changes: readonly HandChange[],
  watch: (step: Step<unknown>) => void = () => undefined,
): Promise<string | null> => {
  let details: unknown;
  try {
    ({ details } = await schemaChangeKind.create({ database: 'demo', changes: [...changes] }, place.environment));
    await execute({ kind: SCHEMA_CHANGE, scene: { ...place, details }, epoch: 1, watch });
    return null;
  } catch (error) {
    if (details !== undefined)
      await execute({ kind: SCHEMA_CHANGE, scene: { ...place, details }, epoch: 2, task: 'revert' });
    return (error as Error).message;
  }
};
