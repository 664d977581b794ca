/** One job of a soak: its table, its files, and what happens to it. */
import type { ImportRequest } from '../../../../src/kinds/import/input.ts';
import { layoutOf, rowsFor } from './files.ts';
import type { Random } from './random.ts';

export interface Plan {
  readonly title: string;
  /** Creates the table and its rows; empty for a new table. */
  readonly tables: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly input: Omit<ImportRequest, 'database'>;
  /** It is canceled partway. */
  readonly isCanceled: boolean;
  /** Another process writes to the table until then. */
  readonly hasWriter: boolean;
}

/** The ids from 1 to this one, every third of which the table has. */
export const IDS = 3_000;
/** Rows with such ids are never touched by the other writer, and others refer to some of them. */
export const isOurs = (id: number) => id % 2 === 0;

const OTHERS = `WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 3 FROM n WHERE i + 3 <= ${IDS})`;
const FILL = `${OTHERS} INSERT INTO t (id, name, v) SELECT i, 'name ' || i, -i FROM n`;
const CHILDREN = `CREATE TABLE child (id INTEGER PRIMARY KEY, t REFERENCES t ON DELETE CASCADE ON UPDATE CASCADE,
    name REFERENCES t (name) ON DELETE SET NULL);
  ${FILL};
  INSERT INTO child (t, name) SELECT id, name FROM t WHERE id % 12 = 0`;

const TABLES = {
  keyed: `CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE, v INTEGER, note TEXT DEFAULT 'n'); ${FILL}`,
  children: `CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE, v INTEGER, note TEXT DEFAULT 'n'); ${CHILDREN}`,
  'without rowid': `CREATE TABLE t (id INTEGER, name TEXT, v INTEGER, note TEXT DEFAULT 'n', PRIMARY KEY (name, id)) WITHOUT ROWID;
    CREATE UNIQUE INDEX ids ON t (id); ${FILL}`,
  indexed: `CREATE TABLE t (name TEXT COLLATE NOCASE UNIQUE, id INTEGER, v INTEGER, note TEXT DEFAULT 'n');
    CREATE UNIQUE INDEX ids ON t (id); ${FILL}`,
  tree: `CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, v INTEGER REFERENCES t (id), note TEXT DEFAULT 'n');
    ${OTHERS} INSERT INTO t (id, name) SELECT i, 'name ' || i FROM n`,
} as const;

const NEW_COLUMNS = [
  { name: 'id', type: 'INTEGER', primaryKey: true },
  { name: 'name', type: 'VARCHAR(40)' },
  { name: 'v', type: 'BIGINT' },
];

const POLICIES = ['FAIL', 'SKIP', 'REPLACE', 'UPDATE'] as const;

/** @param index counts the jobs of a soak: it chooses the format */
export const planJob = (random: Random, index: number): Plan => {
  const layout = layoutOf(index);
  const isNew = random.once(4);
  const onConflict = isNew ? random.pick(['FAIL', 'SKIP'] as const) : random.pick(POLICIES);
  const changes = onConflict === 'REPLACE' || onConflict === 'UPDATE';
  const names = (Object.keys(TABLES) as (keyof typeof TABLES)[]).filter((name) => name !== 'tree' || !changes);
  const table = random.pick(names);
  const isTree = !isNew && table === 'tree';
  const isCanceled = random.once(3);
  const hasWriter = isCanceled && !isNew && table !== 'tree';
  const isPaced = isCanceled || !random.once(3);
  const count = isPaced ? 2_000 + random.below(2_000) : 3_000 + random.below(9_000);
  const pace = isCanceled ? 500 : 1_000;
  const of = random.once(3) ? 2 : 1;
  const files = Object.fromEntries(
    Array.from({ length: of }, (_, i) => {
      const rows = rowsFor(random, Math.floor(count / of), IDS, isTree);
      return [`job${index}-${i}.${layout.extension}`, layout.write(rows)] as const;
    }),
  );
  const input: Plan['input'] = {
    ...layout.options,
    table: 't',
    sources: Object.keys(files).map((name) => `nodelocal:///${name}`),
    ...(isNew ? { columns: NEW_COLUMNS } : {}),
    rejectLimit: 20_000,
    onConflict,
    deferForeignKeys: isTree,
    ...(isPaced ? { maxRowsPerSecond: pace + random.below(2 * pace) } : {}),
  };
  const where = isNew ? 'a new table' : `table ${table}`;
  const cancel = isCanceled ? `, canceled${hasWriter ? ' while another process writes' : ''}` : '';
  return {
    title: `${layout.title} into ${where} with onConflict ${onConflict}${cancel}`,
    tables: isNew ? '' : TABLES[table],
    files,
    input,
    isCanceled,
    hasWriter,
  };
};
