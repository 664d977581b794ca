/** Stores the first rows of a source in a table of a database in memory, to show what SQLite makes of them. */
import Sqlite from 'better-sqlite3';
import { show } from '../../../databases/show.ts';
import { quote } from '../../../databases/sqlite/names.ts';
import type { PreviewedRows, Reject, SampledRows } from '../port.ts';
import { formsOf } from './bound-values.ts';
import { createTable, isStrict } from './columns.ts';
import { inserterOf } from './insert.ts';

const TABLE = 'the table';
const MAX_PROBLEMS = 1_000;

export const previewRows = ({ columns, exists, source, blocks, bytes, limit }: SampledRows): PreviewedRows => {
  const sql = new Sqlite(':memory:');
  try {
    sql.exec(exists ? copyOf(TABLE, columns) : createTable(TABLE, columns));
    const types = sql.prepare('SELECT type FROM pragma_table_xinfo(?) ORDER BY cid').pluck().all(TABLE) as string[];
    const problems: Reject[] = [];
    const prepare = (insert: string) => {
      const statement = sql.prepare(insert);
      return (values: readonly unknown[]) => statement.run(values).changes;
    };
    const forms = formsOf(columns, types, !exists && isStrict(columns), bytes);
    const into = {
      table: TABLE,
      columns,
      forms,
      verb: 'INSERT',
      clause: '',
      resolve: null,
      inserted: null,
      singly: false,
      prepare,
      record: () => undefined,
    } as const;
    const insert = inserterOf(sql, into, source, (reject) => {
      problems.push({ ...reject, id: problems.length + 1 });
    });
    sql.exec('BEGIN');
    for (const block of blocks) {
      const { bad } = insert(block, 0, block.rows.length, MAX_PROBLEMS - problems.length);
      if (bad === null) continue;
      problems.push({ ...bad, id: problems.length + 1 });
      break;
    }
    const names = columns.filter(({ generated }) => !generated).map(({ name }) => quote(name));
    const rows = sql
      .prepare(`SELECT ${names.join(', ')} FROM ${quote(TABLE)} LIMIT ?`)
      .raw()
      .safeIntegers()
      .all(limit);
    return { rows: (rows as unknown[][]).map((row) => row.map(shown)), problems };
  } finally {
    sql.close();
  }
};

/** A table with the types of one that exists, and none of its constraints but NOT NULL. */
const copyOf = (name: string, columns: SampledRows['columns']): string => {
  const lines = columns
    .filter(({ generated }) => !generated)
    .map(({ name, type, nullable }) => `${quote(name)} ${type}${nullable ? '' : ' NOT NULL'}`);
  return `CREATE TABLE ${quote(name)} (${lines.join(', ')})`;
};

/** As JSON: integers beyond 2^53 - 1 as text, bytes as `\x` and hexadecimal digits. */
const shown = (value: unknown): unknown => {
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`;
  if (typeof value === 'number' && !Number.isFinite(value)) return show(String(value));
  if (typeof value !== 'bigint') return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
};
