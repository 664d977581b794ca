/** Gives the tables of a database that was restored whole their new names. Only the catalogue changes. */
import type Sqlite from 'better-sqlite3';
import { hasSequences } from '../../../databases/sqlite/catalogue.ts';
import { quote } from '../../../databases/sqlite/names.ts';
import { inCatalogue } from '../../../databases/sqlite/rename.ts';
import type { Renamed } from './other-names.ts';
import type { Plan } from './plan.ts';
import { renameStatistics } from './statistics.ts';

/** Runs inside a transaction, once. @throws Error if SQLite cannot read the result */
export const renameInFile = (sql: Sqlite.Database, plan: Plan): void => {
  const { tables, virtual, others } = plan;
  const objects: readonly Pick<Renamed, 'type' | 'from' | 'name' | 'table' | 'sql'>[] = [
    ...tables.flatMap((table) => [{ ...table, type: 'table' as const, table: table.name }, ...table.indexes]),
    ...virtual,
    ...others,
  ];
  const names = new Map(tables.map(({ from, name }) => [from, name]));
  const known = new Map(objects.map((one) => [`${one.type} ${one.from}`, one]));
  inCatalogue(sql, () => {
    const change = sql.prepare(
      'UPDATE sqlite_schema SET name = @name, tbl_name = @table, sql = @text WHERE rowid = @rowid',
    );
    for (const { rowid, type, name, table, text } of rowsOf(sql)) {
      const object = known.get(`${type} ${name}`);
      const of = names.get(table);
      if (object !== undefined) change.run({ rowid, name: object.name, table: object.table, text: object.sql });
      else if (of !== undefined && text === null) {
        // SQLite finds the indexes of UNIQUE and PRIMARY KEY by this name.
        const number = name.slice(`sqlite_autoindex_${table}_`.length);
        change.run({ rowid, name: `sqlite_autoindex_${of}_${number}`, table: of, text });
      }
    }
  });
  renameSequences(sql, names);
  renameStatistics(sql, plan);
  for (const { name } of tables) sql.prepare(`SELECT 1 FROM ${quote(name)}`);
};

interface Row {
  readonly rowid: number;
  readonly type: string;
  readonly name: string;
  readonly table: string;
  readonly text: string | null;
}

const rowsOf = (sql: Sqlite.Database) =>
  sql.prepare('SELECT rowid, type, name, tbl_name AS "table", sql AS text FROM sqlite_schema').all() as Row[];

const renameSequences = (sql: Sqlite.Database, names: ReadonlyMap<string, string>) => {
  if (!hasSequences(sql)) return;
  const rows = sql.prepare('SELECT rowid, name FROM sqlite_sequence').all() as Pick<Row, 'rowid' | 'name'>[];
  const change = sql.prepare('UPDATE sqlite_sequence SET name = ? WHERE rowid = ?');
  for (const { rowid, name } of rows) change.run(names.get(name) ?? name, rowid);
};
