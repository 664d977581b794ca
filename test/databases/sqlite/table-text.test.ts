import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { readTableText, withColumn, withoutConstraints } from '../../../src/databases/sqlite/table-text.ts';

const TABLE = `CREATE TABLE t (
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- , (
  "a,b" VARCHAR(10, 2) CONSTRAINT nn NOT NULL ON CONFLICT FAIL DEFAULT 'x''' COLLATE NOCASE
    REFERENCES p(x) ON DELETE SET NULL ON UPDATE NO ACTION MATCH full NOT DEFERRABLE INITIALLY DEFERRED CHECK (1),
  [c] DEFAULT -5 /* ) */ UNIQUE,
  g INT GENERATED ALWAYS AS (id + 1) STORED NOT NULL,
  h AS (id),
  k NULL DEFAULT (1 + (2)),
  "check" unsigned big int,
  CONSTRAINT x CHECK (id > 0) FOREIGN KEY (c) REFERENCES q DEFERRABLE INITIALLY IMMEDIATE UNIQUE (c),
  CONSTRAINT y FOREIGN KEY (k) REFERENCES z(a) ON DELETE CASCADE NOT DEFERRABLE,
  UNIQUE (k, h)
)`;

/** What SQLite makes of it. */
const shapeOf = (table: string) => {
  const sql = new Sqlite(':memory:');
  try {
    sql.exec(table);
    const all = (select: string) => sql.prepare(select).raw().all();
    const columns = all(
      'SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(\'t\')',
    ) as unknown[][];
    return {
      columns: Object.fromEntries(columns.map(([name, ...rest]) => [name, rest])),
      indexes: all(
        "SELECT l.name, origin, i.name FROM pragma_index_list('t') l, pragma_index_info(l.name) i ORDER BY 1, seqno",
      ),
      foreign: all("SELECT * FROM pragma_foreign_key_list('t')").length,
      counted: all("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'").length,
    };
  } finally {
    sql.close();
  }
};

describe('the text of a table', () => {
  it('has each column with its type and constraints', () => {
    const { columns, constraints } = readTableText(TABLE);
    const text = ({ from, to }: { readonly from: number; readonly to: number }) => TABLE.slice(from, to);
    expect(columns.map(({ name, type, parts }) => [name, text(type), ...parts.map((part) => part.what)])).toEqual([
      ['id', 'INTEGER', 'primary key'],
      ['a,b', 'VARCHAR(10, 2)', 'not null', 'default', 'collate', 'references', 'deferrable', 'check'],
      ['c', '', 'default', 'unique'],
      ['g', 'INT', 'generated', 'not null'],
      ['h', '', 'generated'],
      ['k', '', 'null', 'default'],
      ['check', 'unsigned big int'],
    ]);
    expect(constraints.map(({ parts }) => parts.map((part) => part.what))).toEqual([
      ['check', 'foreign key', 'unique'],
      ['foreign key'],
      ['unique'],
    ]);
  });

  it('loses its foreign keys and AUTOINCREMENT, and nothing else', () => {
    const [before, after] = [shapeOf(TABLE), shapeOf(withoutConstraints(TABLE))];
    expect(before).toMatchObject({ foreign: 3, counted: 1 });
    expect(after).toEqual({ ...before, foreign: 0, counted: 0 });
    expect(withoutConstraints(TABLE)).toContain('-- , (\n');
    const alone = 'CREATE TABLE t (a INTEGER, PRIMARY KEY (a AUTOINCREMENT), FOREIGN KEY (a) REFERENCES t)';
    expect(withoutConstraints(alone)).toBe('CREATE TABLE t (a INTEGER, PRIMARY KEY (a))');
  });

  it.each([
    ['a,b', { type: 'TEXT' }, ['TEXT', 1, "'x'''", 0, 0]],
    ['A,B', { nullable: true }, ['VARCHAR(10, 2)', 0, "'x'''", 0, 0]],
    ['a,b', { nullable: false }, ['VARCHAR(10, 2)', 1, "'x'''", 0, 0]],
    ['a,b', { default: null }, ['VARCHAR(10, 2)', 1, null, 0, 0]],
    ['c', { type: 'INT', nullable: false, default: '7' }, ['INT', 1, '7', 0, 0]],
    ['c', { default: '(1 + 1)' }, ['', 0, '1 + 1', 0, 0]],
    ['g', { type: 'TEXT', nullable: true }, ['TEXT', 0, null, 0, 3]],
    ['h', { type: 'INT', nullable: false }, ['INT', 1, null, 0, 2]],
    ['k', { nullable: false }, ['', 1, '1 + (2)', 0, 0]],
    ['check', { type: 'REAL', default: "')'" }, ['REAL', 0, "')'", 0, 0]],
  ])('column %s takes %j, and all else stays', (name, edit, expected) => {
    const [before, after] = [shapeOf(TABLE), shapeOf(withColumn(TABLE, name, edit))];
    const column = Object.keys(before.columns).find((one) => one.toLowerCase() === name.toLowerCase()) ?? '';
    expect(after).toEqual({ ...before, columns: { ...before.columns, [column]: expected } });
  });

  it('keeps what stands around an edit, letter for letter', () => {
    const text = 'CREATE TABLE t (a  INTEGER -- why\n NOT NULL,\tb /* what */ DEFAULT 1  CHECK (b))';
    expect(withColumn(text, 'a', { nullable: true })).toBe(
      'CREATE TABLE t (a  INTEGER -- why\n,\tb /* what */ DEFAULT 1  CHECK (b))',
    );
    expect(withColumn(text, 'b', { default: null })).toBe(
      'CREATE TABLE t (a  INTEGER -- why\n NOT NULL,\tb /* what */  CHECK (b))',
    );
    expect(() => withColumn(text, 'c', { nullable: true })).toThrow('no column c');
  });
});
