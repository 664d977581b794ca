/** A REPLACE stores a default that no trigger can predict. Each default here has one of three values. */
import { expect, test } from 'vitest';
import { execute } from '../contract.ts';
import { type Changes, openChange, SCHEMA_CHANGE } from './scene.ts';

const NOT_NULL = { alterColumn: { table: 't', column: 'c', nullable: false } };
const RANDOM = 'INT NOT NULL DEFAULT (abs(random() % 3))';

const TABLES: readonly (readonly [title: string, made: string, changes: Changes])[] = [
  ['in a column', `CREATE TABLE t (id INTEGER PRIMARY KEY, x ${RANDOM} UNIQUE, c)`, [NOT_NULL]],
  [
    'in a column that is converted',
    'CREATE TABLE t (id INTEGER PRIMARY KEY, x INT NOT NULL DEFAULT (abs(random() % 3) + unixepoch() * 0) UNIQUE, c)',
    [{ alterColumn: { table: 't', column: 'x', type: 'TEXT' } }],
  ],
  [
    'in a column that is dropped',
    "CREATE TABLE t (id INTEGER PRIMARY KEY, x INT NOT NULL DEFAULT (strftime('%s', 'now') * 0 + abs(random() % 3)), c); CREATE UNIQUE INDEX u ON t (x)",
    [{ dropIndex: { table: 't', name: 'u' } }, { dropColumn: { table: 't', column: 'x' } }],
  ],
  [
    'in an index that is dropped, with another collation',
    `CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT NOT NULL DEFAULT ('K' || abs(random() % 3)), c);
     CREATE UNIQUE INDEX u ON t (c, x COLLATE NOCASE DESC)`,
    [{ dropIndex: { table: 't', name: 'u' } }],
  ],
  [
    'in a generated column',
    `CREATE TABLE t (id INTEGER PRIMARY KEY, x ${RANDOM}, c, g AS (x || ' ' || c)); CREATE UNIQUE INDEX u ON t (g)`,
    [NOT_NULL],
  ],
  [
    'in a partial index on an expression',
    `CREATE TABLE t (id TEXT, x ${RANDOM}, k0, c, v0); CREATE UNIQUE INDEX u ON t (x + 1) WHERE x < 9000`,
    [NOT_NULL],
  ],
  [
    'in a table without rowid',
    `CREATE TABLE t (id INT COLLATE NOCASE, c, x ${RANDOM} UNIQUE, PRIMARY KEY (id DESC, c)) WITHOUT ROWID`,
    [
      { alterColumn: { table: 't', column: 'x', nullable: true } },
      { addColumn: { table: 't', column: { name: 'd', type: 'INT', nullable: false, default: '1 + 1' } } },
    ],
  ],
];

const ROWS = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
  INSERT INTO t (id, x, c) SELECT i, i + 10, 1 FROM n; UPDATE OR REPLACE t SET x = NULL WHERE id BETWEEN 5 AND 9`;

/** Each displaces rows of before. Then one gives its value up, so that the copy meets no conflict. */
const writes = (count: number) => `INSERT OR REPLACE INTO t (id, x, c) VALUES (${5_000 + count}, NULL, 1);
  UPDATE OR REPLACE t SET x = NULL WHERE id IN (${10 + count}, ${3_900 - count}, ${3_800 - count});
  UPDATE t SET x = -${count} WHERE id IN (SELECT id FROM t WHERE id >= 5000 LIMIT 1)`;

test.each(TABLES)(
  'a row is not copied if a REPLACE displaces it by an unpredictable default %s',
  async (_, made, changes) => {
    await using scene = await openChange(`${made}; ${ROWS}`, ...changes);
    const rows = 'SELECT id, c FROM t ORDER BY +id';
    let expected = scene.all(rows);
    let isSwapped = false;
    const watch = ({ commit }: { readonly commit?: true }, count: number) => {
      isSwapped ||= commit === true;
      if (isSwapped || count > 40) return;
      scene.exec(writes(count));
      expected = scene.all(rows);
    };
    await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1, watch });
    expect(expected.length).toBeLessThan(4_000);
    expect(scene.all(rows)).toEqual(expected);
    expect(scene.sql.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(scene.hidden()).toEqual([]);
  },
);
