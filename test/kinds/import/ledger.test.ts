import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Step } from '../../../src/jobs/kind.ts';
import { execute } from '../contract.ts';
import { connect, openExisting } from './existing-scene.ts';
import { IMPORT } from './scene.ts';

const kind = IMPORT;

/** A table of `k`, `n` and `v`. OWNED stands where the model's own column goes. */
interface Schema {
  readonly made: string;
  /** What rows are moved by. */
  readonly key: string;
  readonly hasRowids: boolean;
  /** Whether it numbers a row that comes without a key. */
  readonly numbers: boolean;
  /** `n` is a part of the key too. */
  readonly isPair?: true;
}

const rowids = { hasRowids: true, numbers: true };
const SCHEMAS: readonly Schema[] = [
  { made: 'CREATE TABLE people (k, n, v OWNED)', key: '_rowid_', ...rowids },
  { made: 'CREATE TABLE people (k INTEGER PRIMARY KEY, n INTEGER, v TEXT OWNED)', key: 'k', ...rowids },
  { made: 'CREATE TABLE people (k INTEGER PRIMARY KEY AUTOINCREMENT, n, v OWNED)', key: 'k', ...rowids },
  {
    made: 'CREATE TABLE people (k TEXT PRIMARY KEY COLLATE NOCASE, n, v UNIQUE ON CONFLICT REPLACE OWNED)',
    key: 'k',
    hasRowids: true,
    numbers: false,
  },
  {
    made: 'CREATE TABLE people (k, n REAL, v TEXT OWNED, PRIMARY KEY (k COLLATE NOCASE DESC, n)) WITHOUT ROWID',
    key: 'k',
    hasRowids: false,
    numbers: false,
    isPair: true,
  },
  {
    made: 'CREATE TABLE people (k INTEGER PRIMARY KEY, n ANY, v ANY OWNED) STRICT, WITHOUT ROWID',
    key: 'k',
    hasRowids: false,
    numbers: false,
  },
];
const INDEXES = [
  '',
  'CREATE UNIQUE INDEX one ON people (n)',
  'CREATE UNIQUE INDEX one ON people (v COLLATE NOCASE, n)',
  'CREATE UNIQUE INDEX one ON people (lower(v), n + 1) WHERE n > 2',
  'CREATE INDEX one ON people (v)',
];

type Value = string | number | null;
type Triple = readonly [Value, Value, Value];
type Statement = readonly [string, Value[]];

const VERBS = [
  'INSERT',
  'INSERT OR REPLACE',
  'INSERT OR IGNORE',
  'upsert',
  'numbered',
  'UPDATE',
  'UPDATE OR REPLACE',
  'move',
  'DELETE',
] as const;

interface Write {
  readonly verb: (typeof VERBS)[number];
  readonly row: Triple;
  readonly where: readonly ['key' | 'n' | 'v', Value];
}

const number = fc.integer({ min: 1, max: 9 });
const word = fc.constantFrom('a', 'A', 'b', 'é', '7');
const key = fc.oneof({ weight: 8, arbitrary: number }, { weight: 1, arbitrary: word });
const row = fc.tuple(
  fc.oneof({ weight: 8, arbitrary: key }, { weight: 1, arbitrary: fc.constant(null) }),
  number,
  fc.oneof({ weight: 8, arbitrary: word }, { weight: 1, arbitrary: fc.constant(null) }),
);
const write: fc.Arbitrary<Write> = fc.record({
  verb: fc.constantFrom(...VERBS),
  row,
  where: fc.oneof(
    fc.tuple(fc.constant('key' as const), key),
    fc.tuple(fc.constant('n' as const), number),
    fc.tuple(fc.constant('v' as const), word),
  ),
});

const scenario = fc.record({
  schema: fc.constantFrom(...SCHEMAS),
  index: fc.constantFrom(...INDEXES),
  fillsKey: fc.boolean(),
  /** The numbers of the rows of each source, one behind the other; a source is a batch. */
  sources: fc.array(fc.oneof(fc.array(row, { minLength: 1, maxLength: 5 }), series()), { minLength: 1, maxLength: 4 }),
  before: fc.array(fc.tuple(number, number, word), { maxLength: 3 }),
  /** Made after each step of the run, and of undoing it. */
  writes: fc.array(fc.array(write, { maxLength: 5 }), { minLength: 1, maxLength: 9 }),
  stops: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }),
  endsAt: fc.integer({ min: 1, max: 9 }),
  undoStops: fc.array(fc.integer({ min: 1, max: 2 }), { maxLength: 2 }),
  recursive: fc.boolean(),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer S> ? S : never;

/** Rows that take one range of rowids where nothing is in their way. */
function series(): fc.Arbitrary<Triple[]> {
  return fc
    .record({ first: number, count: fc.integer({ min: 2, max: 6 }), n: number })
    .map(({ first, count, n }) =>
      Array.from({ length: count }, (_, i) => [first + i, n + i, `v${first + i}`] as const),
    );
}

it('leaves, when it is undone, what others made of the table, as if it had put in nothing', async () => {
  await fc.assert(fc.asyncProperty(scenario, play), { numRuns: 100 });
});

const play = async (given: Scenario) => {
  const { schema, sources } = given;
  const fillsKey = given.fillsKey || !schema.numbers;
  const columns = fillsKey ? ['k', 'n', 'v'] : ['n', 'v'];
  const fieldsOf = (values: Triple) => (fillsKey ? values : values.slice(1));
  const makeAs = (owned: string) =>
    [schema.made.replace(' OWNED', owned), given.index, ...given.before.map(literally)].join(';');
  const files = sources.map((rows, i) => [
    `${i}.csv`,
    [columns, ...rows.map(fieldsOf)].map((line) => line.join()).join('\n'),
  ]);
  await using scene = await openExisting(makeAs(''), { files: Object.fromEntries(files), rejectLimit: 100 });
  using other = connect(scene, [`recursive_triggers = ${given.recursive}`]);
  const model = new Sqlite(':memory:');
  model.exec(makeAs(", owner TEXT DEFAULT 'other'"));

  const rows = sources.flat();
  let done = 0;
  let turn = 0;
  const follow = ({ counters, commit }: Step<unknown>) => {
    for (const read = Number(counters?.rows) + Number(counters?.rejected); done < read; done++) {
      const values = fieldsOf(rows[done] ?? [null, null, null]).map((value) => (value === null ? null : String(value)));
      const marks = values.map(() => '?').join();
      attempt(model, [`INSERT OR ABORT INTO people (${columns.join()}, owner) VALUES (${marks}, 'import')`, values]);
    }
    if (commit) return;
    for (const made of given.writes[turn++ % given.writes.length] ?? []) {
      const [said, expected] = [other, model].map((sql) => attempt(sql, statementOf(made, schema, sql === model)));
      expect(said, JSON.stringify(made)).toBe(expected);
    }
  };
  const select = (where = '') =>
    `SELECT ${schema.hasRowids ? '_rowid_, ' : ''}k, n, v FROM people ${where} ORDER BY 1, 2`;
  const expected = (where?: string) => model.prepare(select(where)).raw().all();

  let epoch = 0;
  let ended = false;
  for (const stopAt of [...given.stops, given.endsAt]) {
    ended ||= (await execute({ kind, scene, epoch: ++epoch, watch: follow, stopAt })).ended;
  }
  expect(scene.all(select())).toEqual(expected());
  expect(scene.kept().length > 0).toBe(!ended);
  if (ended) return;

  const reverted = () => {
    model.exec("DELETE FROM people WHERE owner = 'import'");
    follow({ checkpoint: null });
  };
  for (const stopAt of [...given.undoStops, 99]) {
    await execute({ kind, scene, epoch: ++epoch, task: 'revert', stopAt, watch: reverted });
  }
  expect(scene.all(select())).toEqual(expected("WHERE owner = 'other'"));
  expect(scene.kept()).toEqual([]);
};

/** A statement of somebody else's; the model notes that a row that it moves is theirs. */
const statementOf = ({ verb, row: [k, n, v], where }: Write, { key, isPair }: Schema, isModel: boolean): Statement => {
  const column = where[0] === 'key' ? key : where[0];
  const moved = (part: string) => (isModel ? `, owner = CASE WHEN ${part} IS NOT ?1 THEN 'other' ELSE owner END` : '');
  switch (verb) {
    case 'DELETE':
      return [`DELETE FROM people WHERE ${column} = ?`, [where[1]]];
    case 'move':
      return [`UPDATE OR REPLACE people SET ${key} = ?1${moved(key)} WHERE ${column} = ?2`, [k, where[1]]];
    case 'UPDATE':
    case 'UPDATE OR REPLACE':
      return [`${verb} people SET n = ?1, v = ?2${isPair ? moved('n') : ''} WHERE ${column} = ?3`, [n, v, where[1]]];
    case 'numbered':
      return ['INSERT OR REPLACE INTO people (n, v) VALUES (?, ?)', [n, v]];
    case 'upsert':
      return [`INSERT INTO people (${key}, n, v) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET v = 'up' || n`, [k, n, v]];
    default:
      return [`${verb} INTO people (${key}, n, v) VALUES (?, ?, ?)`, [k, n, v]];
  }
};

const literally = (values: Triple): string =>
  `INSERT OR IGNORE INTO people (k, n, v) VALUES (${values.map((value) => (typeof value === 'string' ? `'${value}'` : value)).map(String)})`.replaceAll(
    'null',
    'NULL',
  );

/** What the statement failed with, if it did. */
const attempt = (sql: Sqlite.Database, [statement, values]: Statement): string | null => {
  try {
    sql.prepare(statement).run(values);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
};
