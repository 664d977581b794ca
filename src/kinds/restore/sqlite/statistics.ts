/** The statistics that ANALYZE has gathered, under the names that restored tables and their indexes get. */
import type Sqlite from 'better-sqlite3';
import { quote } from '../../../databases/quote.ts';
import { findObject } from '../../../databases/sqlite/catalogue.ts';
import type { Plan } from './plan.ts';

const TABLES = ['sqlite_stat1', 'sqlite_stat4'];

interface Statistic {
  readonly rowid: number;
  readonly tbl: string;
  readonly idx: string | null;
}

/** Copies those of the restored tables. `from` is the schema name of the snapshot. */
export const copyStatistics = (sql: Sqlite.Database, from: string, plan: Plan): void => {
  for (const name of TABLES) {
    const has = sql.prepare(`SELECT 1 FROM ${quote(from)}.sqlite_schema WHERE name = ?`).get(name) !== undefined;
    if (!has) continue;
    // SQLite alone can create its own tables: this analyzes none.
    if (findObject(sql, 'table', name) === undefined) sql.exec('ANALYZE main.sqlite_schema');
    if (findObject(sql, 'table', name) === undefined) continue;
    const others = name === 'sqlite_stat1' ? 'stat' : 'neq, nlt, ndlt, sample';
    const copy = sql.prepare(
      `INSERT INTO main.${name} (tbl, idx, ${others}) SELECT @tbl, @idx, ${others} FROM ${quote(from)}.${name} WHERE rowid = @rowid`,
    );
    for (const one of renamedIn(sql, from, name, plan)) copy.run(one);
  }
};

/** Renames them in a database that was restored whole. */
export const renameStatistics = (sql: Sqlite.Database, plan: Plan): void => {
  for (const name of TABLES.filter((table) => findObject(sql, 'table', table) !== undefined)) {
    const change = sql.prepare(`UPDATE ${name} SET tbl = @tbl, idx = @idx WHERE rowid = @rowid`);
    for (const one of renamedIn(sql, 'main', name, plan)) change.run(one);
  }
};

/** Those of the restored tables, with their new names. */
const renamedIn = (sql: Sqlite.Database, schema: string, name: string, plan: Plan): readonly Statistic[] => {
  const all = sql.prepare(`SELECT rowid, tbl, idx FROM ${quote(schema)}.${name}`).all() as Statistic[];
  const tables = new Map([...plan.tables, ...plan.virtual].map((table) => [table.from, table]));
  return all.flatMap(({ rowid, tbl, idx }) => {
    const table = tables.get(tbl);
    if (table === undefined) return [];
    const indexes = 'indexes' in table ? table.indexes : [];
    return [{ rowid, tbl: table.name, idx: idx === null ? null : indexName(idx, table, indexes) }];
  });
};

const indexName = (
  idx: string,
  { from, name }: { readonly from: string; readonly name: string },
  indexes: Plan['tables'][number]['indexes'],
): string => {
  // The primary key of a table WITHOUT ROWID has the name of the table.
  if (idx === from) return name;
  const automatic = `sqlite_autoindex_${from}_`;
  if (idx.startsWith(automatic)) return `sqlite_autoindex_${name}_${idx.slice(automatic.length)}`;
  return indexes.find((index) => index.from === idx)?.name ?? idx;
};
