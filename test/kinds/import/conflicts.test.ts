import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRejects } from '../../../src/kinds/import/sqlite/rejects.ts';
import { execute, JOB_ID } from '../contract.ts';
import { connect, openExisting } from './existing-scene.ts';
import { type ImportScene, IMPORT as kind, type SceneInput } from './scene.ts';

const POLICIES = ['SKIP', 'REPLACE', 'UPDATE'] as const;
/** Raise it to search for longer. */
const RUNS = Number(process.env.CONFLICT_RUNS ?? 40);

const SHRINKS = process.env.CONFLICT_SHRINK === undefined;

interface Key {
  readonly declared: string;
  /** As in ON CONFLICT; null if the table has no primary key. */
  readonly target: string | null;
  readonly after?: string;
}
const KEYS: readonly Key[] = [
  { declared: 'k INTEGER PRIMARY KEY', target: '(k)' },
  { declared: 'k INTEGER PRIMARY KEY AUTOINCREMENT', target: '(k)' },
  { declared: 'k TEXT COLLATE NOCASE PRIMARY KEY', target: '(k)' },
  { declared: 'k INTEGER', target: null },
  { declared: 'k TEXT NOT NULL PRIMARY KEY', target: '(k)', after: 'WITHOUT ROWID' },
  { declared: 'k TEXT COLLATE NOCASE NOT NULL PRIMARY KEY', target: '(k)', after: 'WITHOUT ROWID' },
];
/** A part of CREATE UNIQUE INDEX, which is a conflict target too. */
const INDEXES = ['(a)', '(a, c)', '(b COLLATE NOCASE)', '(lower(b), c)', '(a) WHERE c > 1', '(g)', '(s, c)', '(d)'];
const ACTIONS = ['NO ACTION', 'RESTRICT', 'CASCADE', 'SET NULL'] as const;

type Value = number | string | null;
type Row = readonly [Value, Value, Value, Value];
const number = fc.integer({ min: 0, max: 4 });
const orNull = (value: fc.Arbitrary<Value>) => fc.option(value, { freq: 6 });
const row: fc.Arbitrary<Row> = fc.tuple(
  orNull(fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constantFrom('x', 'X'))),
  orNull(number),
  orNull(fc.constantFrom('p', 'P', 'q', 'é')),
  orNull(number),
);

/** A key of numbers holds no words, and a key of text no numbers. */
const fitting = <
  S extends { readonly policy: string; readonly key: Key; readonly before: Row[]; readonly sources: Row[][] },
>(
  given: S,
): S => {
  const isNumber = given.key.declared.includes('INTEGER');
  const { policy, key: primary } = given;
  // SQLite chooses the number of a new row before it deletes others, and AUTOINCREMENT does not give it out again when
  // the statement then updates or skips: none of that is a difference that matters.
  const isChosenEarly =
    primary.declared.includes('AUTOINCREMENT') ||
    (policy === 'REPLACE' && primary.declared.includes('INTEGER PRIMARY'));
  const none = isChosenEarly ? 5 : null;
  const key = (k: Value) => (k === null ? none : isNumber ? Number(k) || 2 : String(k));
  const fit = ([k, ...rest]: Row): Row => [key(k), ...rest];
  return { ...given, before: given.before.map(fit), sources: given.sources.map((rows) => rows.map(fit)) };
};

const scenario = fc
  .record({
    policy: fc.constantFrom(...POLICIES),
    key: fc.constantFrom(...KEYS),
    indexes: fc.subarray(INDEXES, { maxLength: 3 }),
    actions: fc.tuple(fc.constantFrom(...ACTIONS), fc.constantFrom(...ACTIONS)),
    filled: fc.constantFrom(['k', 'a', 'b', 'c'], ['k', 'b'], ['c', 'k', 'a']),
    before: fc.array(row, { maxLength: 8 }),
    children: fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 4 }),
    sources: fc.array(fc.array(row, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 3 }),
    stops: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 2 }),
  })
  .map(fitting);
type Scenario = typeof scenario extends fc.Arbitrary<infer S> ? S : never;

const COLUMNS = ['k', 'a', 'b', 'c'];
const tablesOf = ({ key, indexes, actions: [onDelete, onUpdate], before, children }: Scenario): string => {
  const literal = (value: Value) => (value === null ? 'NULL' : typeof value === 'string' ? `'${value}'` : value);
  const rows = before.map(
    (values) => `INSERT OR IGNORE INTO people (k, a, b, c) VALUES (${values.map(literal).join(', ')});`,
  );
  const child = `CREATE TABLE child (id INTEGER PRIMARY KEY, of REFERENCES people (k) ON DELETE ${onDelete} ON UPDATE ${onUpdate});
    ${children.map((i) => `INSERT INTO child (of) SELECT k FROM people WHERE k NOT NULL ORDER BY k LIMIT 1 OFFSET ${i};`).join(' ')}
    CREATE TABLE grandchild (n INTEGER PRIMARY KEY, child REFERENCES child ON DELETE CASCADE ON UPDATE CASCADE);
    INSERT INTO grandchild (child) SELECT id FROM child;`;
  return `CREATE TABLE people (${key.declared}, a INTEGER, b TEXT, c INTEGER DEFAULT 2, d INTEGER DEFAULT 7,
      g AS (coalesce(a, 0) + coalesce(c, 0)), s AS (upper(b)) STORED) ${key.after ?? ''};
    ${indexes.map((index, i) => `CREATE UNIQUE INDEX i${i} ON people ${index};`).join(' ')}
    ${rows.join(' ')} ${key.target === null ? '' : child}`;
};

const open = async (given: Scenario, input: SceneInput = {}) => {
  const { policy, filled, sources } = given;
  const places = filled.map((name) => COLUMNS.indexOf(name));
  const files = Object.fromEntries(
    sources.map((rows, i) => [
      `${i}.csv`,
      `${filled.join(',')}\n${rows.map((values) => places.map((place) => values[place] ?? '').join(',')).join('\n')}\n`,
    ]),
  );
  return openExisting(tablesOf(given), { files, onConflict: policy, rejectLimit: 1_000, ...input });
};

/** The same by statements of SQLite's own, each row by itself; counts the rows that conflicted, and the bad ones. */
const modelOf = (given: Scenario) => {
  const sql = new Sqlite(':memory:');
  sql.exec(tablesOf(given));
  const { policy, key, indexes, filled, sources } = given;
  const places = filled.map((name) => COLUMNS.indexOf(name));
  const values = `INTO people (${filled.join(', ')}) VALUES (${filled.map(() => '?').join(', ')})`;
  const targets = [...(key.target === null ? [] : [key.target]), ...indexes];
  // A row without a number keeps the one that it has.
  const setOf = (bound: readonly unknown[]) =>
    filled
      .filter((name, i) => name !== 'k' || bound[i] !== null || !key.declared.includes('INTEGER PRIMARY'))
      .map((name) => `${name} = excluded.${name}`)
      .join(', ');
  const plain = sql.prepare(`INSERT ${values}`);
  const resolve = (bound: readonly unknown[]) => {
    const upserts = targets.map((target) => `ON CONFLICT ${target} DO UPDATE SET ${setOf(bound)}`).join(' ');
    const statements = {
      SKIP: `INSERT ${values} ON CONFLICT DO NOTHING`,
      REPLACE: `INSERT OR REPLACE ${values}`,
      UPDATE: `INSERT ${values} ${upserts}`,
    };
    sql.prepare(statements[policy]).run(bound);
  };
  const counted = { rows: 0, conflicts: 0, rejected: 0 };
  for (const given of sources.flat()) {
    const bound = places.map((place) => given[place]);
    try {
      plain.run(bound);
      counted.rows++;
    } catch (error) {
      if (!/UNIQUE|PRIMARYKEY|ROWID/.test(String((error as { code?: string }).code))) counted.rejected++;
      else {
        try {
          resolve(bound);
          counted.conflicts++;
        } catch {
          counted.rejected++;
        }
      }
    }
  }
  return { sql, counted };
};

/** The rows without rowids, which SQLite chooses differently when rows are deleted first. */
const contents = (all: (select: string) => unknown[], hasChildren: boolean) => [
  all('SELECT * FROM people ORDER BY 1, 2, 3, 4, 5'),
  hasChildren ? [all('SELECT * FROM child'), all('SELECT * FROM grandchild')] : null,
];

/** What a run counts and rejects, stopped at these steps. */
const outcomeOf = async (scene: ImportScene, stops: readonly number[]) => {
  let epoch = 0;
  let counters: unknown;
  const watch = (step: { counters?: unknown }) => {
    counters = step.counters ?? counters;
  };
  for (const stopAt of stops) await execute({ kind, scene, epoch: ++epoch, stopAt, watch });
  await execute({ kind, scene, epoch: ++epoch, watch });
  const page = { direction: 'ascending', from: 0, limit: 1_000 } as const;
  const rejects = readRejects(scene.environment, 'demo', JOB_ID, page);
  // Of several constraints that a row violates, another one may be named.
  return { counters, rejected: rejects.map(({ source, line }) => [source, line]) };
};

describe('rows that conflict with others', () => {
  it('are skipped, replace them or update them, as statements of SQLite do', { timeout: 3_600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        await using scene = await open(given);
        let epoch = 0;
        for (const stopAt of given.stops) await execute({ kind, scene, epoch: ++epoch, stopAt });
        let counters: unknown;
        await execute({ kind, scene, epoch: ++epoch, watch: (step) => (counters = step.counters ?? counters) });
        const { sql, counted } = modelOf(given);
        try {
          const hasChildren = given.key.target !== null;
          expect(contents(scene.all, hasChildren)).toEqual(
            contents((select) => sql.prepare(select).raw().all(), hasChildren),
          );
          const name = { SKIP: 'skipped', REPLACE: 'replaced', UPDATE: 'updated' }[given.policy];
          if (counters !== undefined) {
            const { rows, rejected, conflicts } = counted;
            expect(counters).toMatchObject({ rows, rejected, [name]: conflicts });
          }
          expect(scene.kept()).toEqual([]);
        } finally {
          sql.close();
        }
      }),
      { numRuns: RUNS, endOnFailure: SHRINKS },
    );
  });

  it('have the same outcome when they are only validated', { timeout: 3_600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (scene) => {
        // Without other tables.
        const given = { ...scene, key: { ...scene.key, target: null } };
        await using real = await open(given);
        await using validated = await open(given, { validateOnly: true });
        const before = validated.snapshot();
        expect(await outcomeOf(validated, given.stops)).toEqual(await outcomeOf(real, []));
        expect([validated.snapshot(), validated.kept()]).toEqual([before, []]);
      }),
      { numRuns: RUNS / 2, endOnFailure: SHRINKS },
    );
  });

  it('come back when the import is undone, each with its rowid', { timeout: 3_600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(scenario, fc.integer({ min: 1, max: 5 }), async (given, endsAt) => {
        await using scene = await open(given);
        const hasChildren = given.key.target !== null;
        const state = () => [scene.snapshot(), contents(scene.all, hasChildren)];
        const before = state();
        let epoch = 0;
        let ended = false;
        for (const stopAt of [...given.stops, endsAt]) {
          if (!ended) ({ ended } = await execute({ kind, scene, epoch: ++epoch, stopAt, stopAtCommit: true }));
        }
        if (ended) return;
        await execute({ kind, scene, epoch: ++epoch, task: 'revert', stopAt: 1 });
        await execute({ kind, scene, epoch: ++epoch, task: 'revert' });
        expect(state()).toEqual(before);
        expect(scene.kept()).toEqual([]);
      }),
      { numRuns: RUNS, endOnFailure: SHRINKS },
    );
  });

  const keys = fc.integer({ min: 1, max: 9 });
  const touch = fc.tuple(fc.constantFrom('DELETE', 'UPDATE', 'REPLACE'), keys);
  const shared = fc.record({
    policy: fc.constantFrom('REPLACE' as const, 'UPDATE' as const),
    rowid: fc.boolean(),
    before: fc.uniqueArray(keys),
    rows: fc.array(keys, { minLength: 1, maxLength: 12 }),
    touches: fc.array(touch, { maxLength: 8 }),
  });

  it('are left alone when somebody has changed them since', { timeout: 3_600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(shared, async ({ policy, rowid, before, rows, touches }) => {
        const made = `CREATE TABLE people (k ${rowid ? 'INT' : 'INT NOT NULL'} PRIMARY KEY, v) ${rowid ? '' : 'WITHOUT ROWID'};
          ${before.map((k) => `INSERT INTO people VALUES (${k}, 'old');`).join(' ')}`;
        const files = { 'a.csv': `k,v\n${rows.map((k, i) => `${k},new${i}\n`).join('')}`, 'b.csv': 'k,v\n100,x\n' };
        await using scene = await openExisting(made, { files, onConflict: policy });
        await execute({ kind, scene, epoch: 1, stopAt: 3 });
        const values = () => new Map(scene.all('SELECT k, v FROM people') as [number, string][]);
        const expected = new Map(before.map((k) => [k, 'old']));
        using other = connect(scene);
        for (const [i, [verb, k]] of touches.entries()) {
          const there = values().has(k);
          const isImported = rows.includes(k) && !before.includes(k);
          if (verb === 'DELETE') other.exec(`DELETE FROM people WHERE k = ${k}`);
          if (verb === 'UPDATE') other.exec(`UPDATE people SET v = 'touched${i}' WHERE k = ${k}`);
          if (verb === 'REPLACE') other.exec(`INSERT OR REPLACE INTO people VALUES (${k}, 'touched${i}')`);
          if (verb === 'DELETE') expected.delete(k);
          // A row that the import inserted is removed even if somebody has updated it.
          else if (verb === 'REPLACE' || (there && (!isImported || expected.has(k)))) expected.set(k, `touched${i}`);
        }
        await execute({ kind, scene, epoch: 2, task: 'revert' });
        const byKey = (rows: Map<number, string>) => [...rows].sort(([a], [b]) => a - b);
        expect(byKey(values())).toEqual(byKey(expected));
        expect(scene.kept()).toEqual([]);
      }),
      { numRuns: RUNS, endOnFailure: SHRINKS },
    );
  });
});

describe('a policy whose changes could not be undone', () => {
  const TABLE = 'CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT UNIQUE, age INTEGER)';
  const cases: readonly (readonly ['SKIP' | 'REPLACE' | 'UPDATE', string, RegExp])[] = [
    ['SKIP', 'CREATE TRIGGER t AFTER INSERT ON people BEGIN SELECT 1; END', /what trigger "t" of table "people" does/],
    [
      'REPLACE',
      `CREATE TABLE child (of REFERENCES people ON DELETE CASCADE);
       CREATE TRIGGER t AFTER DELETE ON child BEGIN SELECT 1; END`,
      /onConflict REPLACE is not possible: what trigger "t" of table "child" does could not be undone/,
    ],
    [
      'REPLACE',
      `CREATE TABLE one (of REFERENCES people ON UPDATE CASCADE);
       CREATE TABLE two (of REFERENCES people (name) ON UPDATE SET NULL)`,
      /foreign keys with ON UPDATE refer to several keys of table "people"/,
    ],
    [
      'REPLACE',
      'CREATE TABLE child (of REFERENCES people ON DELETE SET NULL)',
      /table "child" has neither a key nor an index: VACUUM could renumber its rows/,
    ],
    [
      'UPDATE',
      `CREATE TABLE child (rowid, oid, _rowid_, of REFERENCES people ON UPDATE SET NULL)`,
      /table "child" has columns named rowid, oid and _rowid_/,
    ],
  ];
  it.each(cases)('is refused: %s, %s', async (onConflict, sql, message) => {
    const opened = openExisting(`${TABLE}; ${sql}`, { onConflict });
    const error: unknown = await opened.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'BAD_USER_INPUT', extensions: { field: 'input.onConflict' } });
    expect((error as Error).message).toMatch(message);
  });
});
