/** Random statements on one table, as other programs may run them: every conflict clause, and any change of the table. */

/** Integers from 0, less than `below`. */
export type Random = (below: number) => number;

/** Reproducible by its seed (mulberry32). */
export const randomOf = (seed: number): Random => {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
};

const KEYS = [
  (columns: string) => `CREATE TABLE NAME (k INTEGER PRIMARY KEY${columns})`,
  (columns: string) => `CREATE TABLE NAME (k TEXT COLLATE NOCASE NOT NULL PRIMARY KEY${columns})`,
  (columns: string) => `CREATE TABLE NAME (k NOT NULL${columns}, PRIMARY KEY (k)) WITHOUT ROWID`,
  (columns: string) => `CREATE TABLE NAME (k INT NOT NULL, m NOT NULL DEFAULT 1${columns}, PRIMARY KEY (m, k DESC))`,
] as const;

const COLUMNS = ['a', 'b', 'c', 'd', 'e'];
const TYPES = ['', 'TEXT', 'INT', "TEXT NOT NULL DEFAULT 'x'", 'NOT NULL DEFAULT 3', 'REAL', 'TEXT COLLATE NOCASE'];
const CONFLICTS = [
  '',
  '',
  ' OR REPLACE',
  ' OR REPLACE',
  ' OR REPLACE',
  ' OR IGNORE',
  ' OR FAIL',
  ' OR ABORT',
  ' OR ROLLBACK',
];

/** The table as the statements so far are expected to have left it; a statement may fail, so it may differ. */
export interface Shape {
  columns: string[];
  indexes: number;
}

export const createStatements = (random: Random) => {
  const pick = <T>(values: readonly T[]): T => values[random(values.length)] as T;
  const value = (): string =>
    pick([
      'NULL',
      '0',
      '1',
      '2',
      '3',
      '4',
      "'a'",
      "'A'",
      "'b'",
      "'it''s'",
      '-0.5',
      "x'00ff'",
      '4611686018427387905',
      '"text"',
      "''",
    ]);
  const key = (): string => pick(['0', '1', '2', '3', '4', '5', '6', '7', "'a'", "'A'", "'b'"]);
  const column = ({ columns }: Shape): string => (columns.length === 0 ? 'k' : pick(columns));
  const makeTable = (shape: Shape, name: string): string => {
    shape.columns = COLUMNS.filter(() => random(3) > 0);
    const declared = shape.columns.map((one) => `, ${one} ${pick(TYPES)}${random(6) === 0 ? ' UNIQUE' : ''}`).join('');
    return pick(KEYS)(declared).replace('NAME', name);
  };
  const insert = (shape: Shape): string => {
    const columns = shape.columns.filter(() => random(5) > 0);
    const rows = Array.from({ length: 1 + random(3) }, () => `(${[key(), ...columns.map(value)].join(', ')})`);
    return `INSERT${pick(CONFLICTS)} INTO t (${['k', ...columns].join(', ')}) VALUES ${rows.join(', ')}`;
  };
  const upsert = (shape: Shape): string =>
    `INSERT INTO t (k, ${column(shape)}) VALUES (${key()}, ${value()}) ON CONFLICT DO UPDATE SET ${column(shape)} = ${value()}`;
  const update = (shape: Shape): string =>
    `UPDATE${pick(CONFLICTS)} t SET ${column(shape)} = ${value()} WHERE ${column(shape)} = ${value()}`;
  const updateAll = (shape: Shape): string =>
    `UPDATE${pick(CONFLICTS)} t SET ${pick([`${column(shape)} = ${column(shape)}`, 'k = k + 1', `${column(shape)} = NULL`, `${column(shape)} = ${value()}`])}`;
  const remove = (shape: Shape): string => `DELETE FROM t WHERE ${pick(['k', column(shape)])} = ${key()}`;
  const write = (shape: Shape): string =>
    pick([insert, insert, insert, upsert, update, update, updateAll, remove, remove])(shape);

  const addColumn = (shape: Shape): string => {
    const name = pick(COLUMNS);
    if (!shape.columns.includes(name)) shape.columns.push(name);
    return `ALTER TABLE t ADD COLUMN ${name} ${pick(TYPES)}`;
  };
  const renameColumn = (shape: Shape): string => {
    const [from, to] = [column(shape), pick(COLUMNS)];
    if (!shape.columns.includes(to)) shape.columns = shape.columns.map((name) => (name === from ? to : name));
    return `ALTER TABLE t RENAME COLUMN ${from} TO ${to}`;
  };
  const dropColumn = (shape: Shape): string => {
    const name = column(shape);
    return `ALTER TABLE t DROP COLUMN ${name}`;
  };
  const createIndex = (shape: Shape): string => {
    shape.indexes += 1;
    const parts = pick([
      column(shape),
      `${column(shape)}, ${column(shape)}`,
      `lower(${column(shape)})`,
      `${column(shape)} COLLATE NOCASE`,
    ]);
    return `CREATE UNIQUE INDEX i${shape.indexes % 4} ON t (${parts})${random(4) === 0 ? ` WHERE ${column(shape)} > 1` : ''}`;
  };
  const dropIndex = (): string => `DROP INDEX IF EXISTS i${random(4)}`;
  /** As tools for migrations do it: another table is filled and takes the name, at once or step by step. */
  const rebuild = (shape: Shape): string => {
    const before = shape.columns;
    const made = makeTable(shape, 'new_t');
    const common = ['k', ...shape.columns.filter((name) => before.includes(name))].join(', ');
    const copied = `INSERT${pick([' OR IGNORE', ' OR REPLACE', ''])} INTO new_t (${common}) SELECT ${common} FROM t`;
    const steps = `DROP TABLE IF EXISTS new_t; ${made}; ${copied}; DROP TABLE t; ALTER TABLE new_t RENAME TO t`;
    return pick([steps, `BEGIN; ${steps}; COMMIT`]);
  };
  const recreate = (shape: Shape): string => {
    const made = makeTable(shape, 't');
    return pick([`DROP TABLE t; ${made}`, `BEGIN; DROP TABLE t; ${made}; COMMIT`]);
  };
  const renameFirst = (): string => 'ALTER TABLE t RENAME TO was_t; ALTER TABLE was_t RENAME TO t';
  const change = (shape: Shape): string =>
    pick([
      addColumn,
      addColumn,
      renameColumn,
      renameColumn,
      dropColumn,
      createIndex,
      createIndex,
      dropIndex,
      rebuild,
      recreate,
      renameFirst,
    ])(shape);
  const frame = (shape: Shape): string => {
    const inner = Array.from({ length: 1 + random(6) }, () => write(shape));
    return ['BEGIN', ...inner, pick(['COMMIT', 'COMMIT', 'ROLLBACK'])].join('; ');
  };
  return {
    makeTable,
    /** One or more statements, each ended by a semicolon. */
    next: (shape: Shape): string => {
      const die = random(100);
      if (die === 0) return 'VACUUM;';
      if (die < 4) return `${change(shape)};`;
      return `${die < 14 ? frame(shape) : write(shape)};`;
    },
  };
};
