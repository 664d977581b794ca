import { describe, expect, it } from 'vitest';
import type { SignalboxError } from '../../../src/errors.ts';
import { schemaChangeKind } from '../../../src/kinds/schema-change/index.ts';
import { sqliteAt } from '../../support/places.ts';
import { execute } from '../contract.ts';
import { type Changes, openChange, openPlace, SCHEMA_CHANGE, snapshotOf } from './scene.ts';

const MADE = `
  CREATE TABLE parent (id INTEGER PRIMARY KEY, code TEXT UNIQUE);
  CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT, c REAL CHECK (c < 9), d, p REFERENCES parent, g AS (d || '!'), e TEXT UNIQUE);
  CREATE TABLE child (a, FOREIGN KEY (a) REFERENCES t (e));
  CREATE INDEX i ON t (b) WHERE a > 'x'; CREATE VIEW v AS SELECT a FROM t;
  CREATE TRIGGER r AFTER INSERT ON parent BEGIN INSERT INTO t (d, c) VALUES (NEW.code, 1); END;
  CREATE TABLE s (k INT, l TEXT, PRIMARY KEY (k)) STRICT;
  CREATE TABLE w (k TEXT, l, PRIMARY KEY (k)) WITHOUT ROWID;
  CREATE TABLE few (a, b); CREATE TABLE log (a, b);
  CREATE TRIGGER logs AFTER INSERT ON few BEGIN INSERT INTO log VALUES (NEW.a, NEW.b); END;
  CREATE VIRTUAL TABLE f USING fts5 (x);
  INSERT INTO parent (id) VALUES (1); INSERT INTO t (id, a, b, e) VALUES (11, 'one', 1, 'e1'), (12, NULL, 1, 'e2')`;

type Case = readonly [field: string, message: string, ...changes: Changes];
const column = (name: string, more: Record<string, unknown> = {}) => ({ name, type: 'TEXT', ...more });
const add = (more: Record<string, unknown>, table = 't') => ({ addColumn: { table, column: column('n', more) } });
const alter = (name: string, more: Record<string, unknown>, table = 't') => ({
  alterColumn: { table, column: name, ...more },
});
const drop = (name: string, table = 't') => ({ dropColumn: { table, column: name } });
const renamed = (name: string, to: string) => ({ renameColumn: { table: 't', column: name, to } });
const index = (more: Record<string, unknown>) => ({ createIndex: { table: 't', name: 'n', columns: ['a'], ...more } });
const parts = (on: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  index({ columns: null, parts: [{ on, ...more }] });
const check = (expression: string, name = 'n') => ({ addCheck: { table: 't', name, expression } });

const CASES: readonly Case[] = [
  ['', 'changes is empty'],
  ['0', 'a change is one of addColumn, dropColumn', {}],
  ['0', 'a change is one of', { ...drop('a'), ...renamed('a', 'z') }],
  ['0', 'a change is one of', { truncate: { table: 't' } }],

  ['0.dropColumn.table', 'table "nowhere" does not exist', drop('a', 'nowhere')],
  ['0.dropColumn.table', '"v" is a view, not a table', drop('a', 'v')],
  ['0.dropColumn.table', '"f" is a virtual table', drop('x', 'f')],
  ['0.dropColumn.table', 'are reserved', drop('x', '_signalbox_jobs')],
  ['0.dropColumn.table', 'are reserved', drop('x', 'SQLITE_SCHEMA')],
  ['0.dropColumn.table', 'table "" is empty', drop('x', '')],

  ['0.addColumn.column.name', 'has a column "a" already', { addColumn: { table: 't', column: column('A') } }],
  ['0.addColumn.column.name', 'has a column "g" already', { addColumn: { table: 't', column: column('G') } }],
  ['0.addColumn.column.name', 'NUL', { addColumn: { table: 't', column: column('a\0b') } }],
  ['0.addColumn.column.type', 'not the name of a type', add({ type: 'TEXT UNIQUE' })],
  ['0.addColumn.column.type', 'not the name of a type', add({ type: 'TEXT) ; DROP TABLE t; --' })],
  ['0.addColumn.column.type', 'not the name of a type', add({ type: '' })],
  [
    '0.addColumn.column.type',
    'type "VARCHR(9)" is not the name of a type: the nearest is VARCHAR',
    add({ type: 'VARCHR(9)' }),
  ],
  ['0.addColumn.column', 'unknown datatype', add({ type: 'VARCHAR(9)' }, 's')],
  ['0.addColumn.column.default', 'holds a comma', add({ default: '1, 2' })],
  ['0.addColumn.column.default', 'closes a parenthesis', add({ default: "'x'); DROP TABLE t; --" })],
  ['0.addColumn.column.default', 'holds a comment', add({ default: '1 --' })],
  ['0.addColumn.column.default', 'no such column: a', add({ default: 'a' })],
  ['0.addColumn.column.default', 'no such function', add({ default: 'nosuch()' })],
  ['0.addColumn.column.default', 'cannot store TEXT value', add({ type: 'INT', default: "'x'" }, 's')],
  ['0.addColumn.column.default', 'SELECT 1', add({ default: '(SELECT 1)' })],
  ['0.addColumn.column.primaryKey', 'cannot be the primary key', add({ primaryKey: true })],
  // The trigger on it puts two values into a table that would have three columns.
  ['0.addColumn.column', 'table "few" would no longer work', add({}, 'log')],

  ['0.dropColumn.column', 'table "t" has no column "zz"', drop('zz')],
  ['0.dropColumn.column', 'cannot be dropped', drop('id')],
  ['0.dropColumn.column', 'error in index i', drop('b')],
  ['0.dropColumn.column', 'error in index i', drop('a')],
  ['0.dropColumn.column', 'no such column: d', drop('d')],
  ['0.dropColumn.column', 'a foreign key of table "t" needs it', drop('p')],
  ['0.dropColumn.column', 'a foreign key of table "child" needs it', drop('e')],
  ['1.dropColumn.column', 'error in view v', { dropIndex: { table: 't', name: 'i' } }, drop('a')],
  [
    '1.dropColumn.column',
    'table "parent" would no longer work: table t has no column named c',
    { createIndex: { table: 'log', name: 'x', columns: ['a'] } },
    drop('c'),
  ],

  ['0.renameColumn.column', 'no column "zz"', renamed('zz', 'y')],
  ['0.renameColumn.to', 'has a column "b" already', renamed('a', 'B')],
  ['0.renameColumn.to', 'column "" is empty', renamed('a', '')],
  ['1.renameColumn.column', 'no column "a"', renamed('a', 'z'), renamed('a', 'y')],

  ['0.alterColumn', 'nothing is changed', alter('a', {})],
  ['0.alterColumn', 'nothing is changed', alter('a', { type: null, dropDefault: false })],
  ['0.alterColumn.dropDefault', 'exclude each other', alter('a', { default: '1', dropDefault: true })],
  ['0.alterColumn.column', 'no column "zz"', alter('zz', { nullable: false })],
  [
    '0.alterColumn.type',
    'type "STRNG" is not the name of a type: the nearest is STRING',
    alter('a', { type: 'STRNG' }),
  ],
  ['0.alterColumn.type', 'is the rowid', alter('id', { type: 'TEXT' })],
  ['0.alterColumn.type', 'is the rowid', alter('k', { type: 'INTEGER' }, 's')],
  ['0.alterColumn.type', 'WITHOUT ROWID', alter('k', { type: 'INTEGER' }, 'w')],
  ['0.alterColumn.type', 'unknown datatype', alter('l', { type: 'JSON' }, 's')],
  ['0.alterColumn.nullable', 'part of the primary key', alter('k', { nullable: true }, 'w')],
  ['0.alterColumn.default', 'cannot be altered', alter('g', { default: '1' })],
  ['0.alterColumn.default', 'closes a parenthesis', alter('a', { default: '1) CHECK (0' })],

  ['0.createIndex.name', 'index "I" already exists', index({ name: 'I' })],
  ['0.createIndex.name', 'table "parent" already exists', index({ name: 'parent' })],
  ['0.createIndex.name', 'are reserved', index({ name: 'sqlite_x' })],
  ['0.createIndex.columns', 'columns is empty', index({ columns: [] })],
  ['0.createIndex.columns.1', 'no column "zz"', index({ columns: ['a', 'zz'] })],
  ['0.createIndex.columns.1', 'named twice', index({ columns: ['a', 'A'] })],
  ['0.createIndex.where', 'semicolon', index({ where: '1; DROP TABLE t' })],
  ['0.createIndex.where', 'closes a parenthesis', index({ where: '1) ; --' })],
  ['0.createIndex.where', 'no such column: zz', index({ where: 'zz > 1' })],
  ['0.createIndex.where', 'syntax error', index({ where: 'a > 1 LIMIT 1' })],
  ['0.createIndex.where', 'subqueries', index({ where: 'a IN (SELECT 1)' })],
  ['0.createIndex.where', 'non-deterministic', index({ where: 'a > random()' })],
  ['0.createIndex.where', 'holds a parameter', index({ where: 'a > ?' })],

  ['0.createIndex.columns', 'specify columns or parts', { createIndex: { table: 't', name: 'n' } }],
  ['0.createIndex.parts', 'exclude each other', index({ parts: [{ on: { column: 'a' } }] })],
  ['0.createIndex.parts.0.on.column', 'no column "zz"', parts({ column: 'zz' })],
  ['0.createIndex.parts.0.on.expression', 'no such column: zz', parts({ expression: 'zz + 1' })],
  ['0.createIndex.parts.0.on.expression', 'holds a comma', parts({ expression: 'a, b' })],
  ['0.createIndex.parts.0.on', 'one of column, expression', parts({})],
  ['0.createIndex.parts.0.collation', 'no such collation', parts({ column: 'a' }, { collation: 'unicase' })],
  ['0.createIndex.parts', 'non-deterministic', parts({ expression: 'random()' })],

  ['0.renameTable.to', 'table "parent" already exists', { renameTable: { table: 't', to: 'PARENT' } }],
  ['0.renameTable.to', 'already has this name', { renameTable: { table: 't', to: 't' } }],
  ['0.renameTable.to', 'are reserved', { renameTable: { table: 't', to: 'sqlite_t' } }],
  ['1.addColumn.table', 'table "t" does not exist', { renameTable: { table: 't', to: 'u' } }, add({})],
  ['0.addCheck.expression', 'no such column: zz', check('zz > 1')],
  ['0.addCheck.expression', 'closes a parenthesis', check('1) UNIQUE (a')],
  ['0.addCheck.expression', 'subqueries', check('a IN (SELECT 1)')],
  ['1.addCheck.name', 'has a constraint "N" already', check('a > 1'), check('a > 2', 'N')],
  ['0.addUnique.columns', 'columns is empty', { addUnique: { table: 't', name: 'n', columns: [] } }],
  ['0.addUnique.columns.1', 'named twice', { addUnique: { table: 't', name: 'n', columns: ['a', 'A'] } }],
  ['0.addUnique.columns', 'unique already', { addUnique: { table: 't', name: 'n', columns: ['e'] } }],

  ['0.dropIndex.name', 'index "zz" does not exist', { dropIndex: { table: 't', name: 'zz' } }],
  ['0.dropIndex.name', 'is on table "t"', { dropIndex: { table: 's', name: 'i' } }],
  ['0.dropIndex.name', 'are reserved', { dropIndex: { table: 't', name: 'sqlite_autoindex_t_1' } }],
];

describe('a schema change that the catalogue speaks against', () => {
  it.each(CASES)('is refused: input.changes.%s: %s', async (...given) => {
    const [field, message, ...changes] = given as unknown as Case;
    await using place = openPlace(MADE);
    const before = snapshotOf(place.sql);
    const refused: unknown = await schemaChangeKind.create({ database: 'demo', changes }, place.environment).then(
      () => null,
      (error) => error,
    );
    expect(refused).toMatchObject({ code: 'BAD_USER_INPUT', message: expect.stringContaining(message) });
    expect((refused as SignalboxError).extensions.field).toBe(
      field === '' ? 'input.changes' : `input.changes.${field}`,
    );
    expect(snapshotOf(place.sql)).toEqual(before);
    expect(place.hidden()).toEqual([]);
  });

  it('is refused of a database that is not there, or is none', async () => {
    await using place = openPlace(MADE);
    const create = (databaseFile: string | null) =>
      schemaChangeKind.create(
        { database: 'demo', changes: [drop('a')] },
        { ...place.environment, database: sqliteAt(databaseFile) },
      );
    await expect(create(null)).rejects.toMatchObject({ extensions: { field: 'input.database' } });
    await expect(create('package.json')).rejects.toMatchObject({
      message: 'database demo is not a SQLite database',
      extensions: { field: 'input.database' },
    });
    await expect(create(`${place.file}.away`)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('is refused of a table that needs what is not here', async () => {
    await using place = openPlace('CREATE TABLE t (a, b CHECK (b > 0)); CREATE TABLE u (a)');
    place.sql.function('known', { deterministic: true }, (x: unknown) => x);
    place.exec('CREATE INDEX i ON t (known(a))');
    const create = (table: string, more: Record<string, unknown> = {}) =>
      schemaChangeKind.create({ database: 'demo', changes: [add(more, table)] }, place.environment);
    await expect(create('t', { default: '1 + 1' })).rejects.toMatchObject({
      message: 'index "i" cannot be recreated here: no such function: known',
      extensions: { field: 'input.changes.0.addColumn.table' },
    });
    // What changes the catalogue alone needs no function.
    expect((await create('t')).description).toBe('ALTER TABLE "demo"."t" ADD COLUMN "n" TEXT');
    expect((await create('u')).description).toBe('ALTER TABLE "demo"."u" ADD COLUMN "n" TEXT');
  });
});

const ROWS = `CREATE TABLE t (id INTEGER PRIMARY KEY, a, b TEXT COLLATE NOCASE, "c d" INT);
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO t SELECT i, i, 'b' || i, i FROM n;
  CREATE TABLE plain (a); INSERT INTO plain SELECT a FROM t; CREATE TABLE s (a INTEGER, b REAL) STRICT; INSERT INTO s SELECT a, a FROM t;
  CREATE TABLE w (k TEXT, l INT, v, PRIMARY KEY (k, l)) WITHOUT ROWID; INSERT INTO w SELECT b, a, a FROM t; CREATE TABLE j (v TEXT); INSERT INTO j VALUES ('{}')`;

describe('a schema change that a row speaks against', () => {
  it.each<Case>([
    [
      'UPDATE t SET a = NULL WHERE id = 1234',
      'table "t", row with id 1234, column a: NULL is not allowed: NULL',
      alter('a', { nullable: false }),
    ],
    [
      'UPDATE plain SET a = NULL WHERE _rowid_ = 99',
      'table "plain", row with rowid 99, column a: NULL is not allowed: NULL',
      alter('a', { nullable: false }, 'plain'),
    ],
    [
      "UPDATE w SET v = NULL WHERE k = 'b7'",
      'table "w", row with k "b7", l 7, column v: NULL is not allowed: NULL',
      alter('v', { nullable: false }, 'w'),
    ],
    ['SELECT 1', 'table "t", row with id 1, column n: NULL is not allowed', add({ nullable: false })],
    [
      `UPDATE t SET a = 'no number, and long: ${'x'.repeat(300)}' WHERE id = 1999`,
      `table "t", row with id 1999, column a: cannot be converted to INTEGER without loss: "no number, and long: ${'x'.repeat(79)}…"`,
      alter('a', { type: 'INTEGER' }),
    ],
    [
      'UPDATE t SET a = 1.5 WHERE id = 7',
      'table "t", row with id 7, column a: cannot be converted to INTEGER without loss: 1.5',
      alter('a', { type: 'INTEGER' }),
    ],
    [
      "UPDATE t SET a = x'0aff' WHERE id = 7",
      `table "t", row with id 7, column a: cannot be converted to TEXT without loss: "x'0AFF'"`,
      alter('a', { type: 'TEXT' }),
    ],
    [
      'UPDATE t SET "c d" = 9007199254740993 WHERE id = 7',
      'table "t", row with id 7, column c d: cannot be converted to REAL without loss: 9007199254740993',
      alter('c d', { type: 'REAL' }),
    ],
    [
      'UPDATE s SET b = 0.5 WHERE a = 44',
      'table "s", row with rowid 44, column b: cannot store REAL value in INTEGER column: 0.5',
      alter('b', { type: 'INTEGER' }, 's'),
    ],
    [
      "UPDATE t SET b = 'B9' WHERE id = 1900",
      'table "t", row with id 1900, column b: another row has the same "b": "B9"',
      index({ columns: ['b'], unique: true }),
    ],
    [
      "UPDATE t SET b = 'B9', a = 9 WHERE id = 1900",
      'table "t", row with id 1900: another row has the same "b", "a": "B9", 9',
      index({ columns: ['b', 'a'], unique: true }),
    ],
  ])('%s: %s', async (...given) => {
    const [made, error, ...changes] = given as unknown as Case;
    await using scene = await openChange(`${ROWS};${made}`, ...changes);
    const before = snapshotOf(scene.sql);
    await expect(execute({ kind: SCHEMA_CHANGE, scene, epoch: 1 })).rejects.toThrow(new Error(error));
    await execute({ kind: SCHEMA_CHANGE, scene, epoch: 2, task: 'revert' });
    expect(snapshotOf(scene.sql)).toEqual(before);
    expect(scene.hidden()).toEqual([]);
  });

  it('fails over a row that comes while it is at work, and whoever writes it does not notice', async () => {
    await using scene = await openChange(ROWS, alter('a', { nullable: false }));
    const watch = (_: unknown, count: number) => {
      if (count === 4) scene.exec("UPDATE t SET a = NULL WHERE id = 5; INSERT INTO t (b) VALUES ('new')");
    };
    await expect(execute({ kind: SCHEMA_CHANGE, scene, epoch: 1, watch })).rejects.toThrow(
      'row with id 5, column a: NULL',
    );
    expect(scene.all('SELECT count(*) FROM t WHERE a IS NULL')).toEqual([[2n]]);
    await execute({ kind: SCHEMA_CHANGE, scene, epoch: 2, task: 'revert' });
    expect(scene.all('SELECT id FROM t WHERE a IS NULL')).toEqual([[5n], [2001n]]);
    expect(scene.hidden()).toEqual([]);
  });

  it('goes well when the row is gone again before it is looked at', async () => {
    await using scene = await openChange(ROWS, alter('a', { nullable: false }));
    const watch = (_: unknown, count: number) => {
      if (count === 4) scene.exec('UPDATE t SET a = NULL WHERE id = 5; UPDATE t SET a = 5 WHERE id = 5');
    };
    expect((await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1, watch })).ended).toBe(true);
  });
});

describe('somebody else who changes the catalogue meanwhile', () => {
  it.each([
    ['DROP TABLE t', 'table "t" does not exist'],
    [
      'DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY, a, b TEXT COLLATE NOCASE, "c d" INT)',
      'table "t" was changed by another program',
    ],
    ['ALTER TABLE t RENAME TO elsewhere', 'table "t" does not exist'],
    ['ALTER TABLE t ADD COLUMN more', 'table "t" was changed by another program'],
    ['CREATE INDEX more ON t (b)', 'table "t" was changed by another program'],
    ['ALTER TABLE t RENAME COLUMN a TO z', 'has no column "a"'],
    ['CREATE TABLE n (x); CREATE INDEX taken ON n (x)', 'index "taken" already exists'],
    ['DROP TRIGGER _signalbox_schema_27536791415282_0_trigger1', 'table "t" was changed by another program'],
  ])('%s fails the job, saying so, and nothing is left', async (statements, error) => {
    await using scene = await openChange(ROWS, alter('a', { nullable: false }), index({ name: 'taken' }));
    const watch = (_: unknown, count: number) => {
      if (count === 4) scene.exec(statements);
    };
    await expect(execute({ kind: SCHEMA_CHANGE, scene, epoch: 1, watch })).rejects.toThrow(error);
    const before = snapshotOf(scene.sql);
    await execute({ kind: SCHEMA_CHANGE, scene, epoch: 2, task: 'revert' });
    expect(scene.hidden()).toEqual([]);
    expect(snapshotOf(scene.sql)).toEqual(before);
  });

  it('and makes a trigger, a view or another table does no harm: all of it is there in the end', async () => {
    await using scene = await openChange(ROWS, alter('a', { nullable: false }), {
      renameColumn: { table: 't', column: 'b', to: 'bb' },
    });
    const watch = (_: unknown, count: number) => {
      if (count !== 4) return;
      scene.exec(`CREATE TABLE noted (b); CREATE VIEW seen AS SELECT b AS x FROM t;
        CREATE TRIGGER notes AFTER DELETE ON t BEGIN INSERT INTO noted VALUES (OLD.b); END`);
    };
    await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1, watch });
    scene.exec('DELETE FROM t WHERE id = 3');
    expect(scene.all('SELECT * FROM noted')).toEqual([['b3']]);
    expect(scene.all('SELECT count(*), min(x) FROM seen')).toEqual([[1999n, 'b1']]);
  });

  it('and makes a trigger that keeps what it fails over does not keep a row from being followed', async () => {
    await using scene = await openChange(ROWS, alter('a', { nullable: false }));
    const watch = (_: unknown, count: number) => {
      if (count === 4)
        scene.exec("CREATE TRIGGER late AFTER UPDATE ON t WHEN NEW.a = 'kept' BEGIN SELECT RAISE(FAIL, 'no'); END");
      if (count === 6) expect(() => scene.exec("UPDATE OR FAIL t SET a = 'kept' WHERE id = 1")).toThrow('no');
    };
    await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1, watch });
    expect(scene.all('SELECT a FROM t WHERE id = 1')).toEqual([['kept']]);
  });

  it('and vacuums fails the job where rows have no key, and nowhere else', async () => {
    const change = async (table: string, column: string) => {
      await using scene = await openChange(
        `${ROWS}; DELETE FROM plain WHERE _rowid_ = 2`,
        alter(column, { nullable: false }, table),
      );
      const watch = (_: unknown, count: number) => count === 4 && scene.exec('VACUUM');
      const { ended } = await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1, watch });
      return ended;
    };
    expect(await change('t', 'a')).toBe(true);
    expect(await change('w', 'v')).toBe(true);
    await expect(change('plain', 'a')).rejects.toThrow('VACUUM ran while the job was in progress');
  });
});
