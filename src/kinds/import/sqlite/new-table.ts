/**
 * A table that the import creates. Its rows are inserted into a hidden table, which is renamed at the end, in the same
 * transaction that records the publication. The write lock is held while the engine decides, so no other writer can use
 * the name.
 */
import type Sqlite from 'better-sqlite3';
import { show } from '../../../databases/show.ts';
import { nameConflict, readHiddenTable } from '../../../databases/sqlite/catalogue.ts';
import { quote } from '../../../databases/sqlite/names.ts';
import type { Source } from '../details.ts';
import type { ImportWork } from '../port.ts';
import { formsOf } from './bound-values.ts';
import { createTable, isStrict } from './columns.ts';
import { conflictResolver, dropProbe } from './conflicts.ts';
import { type Destination, type Insert, type Into, inserterOf } from './insert.ts';
import { hiddenTable } from './names.ts';
import { NO_REFERENCES } from './references.ts';
import { createRejects, rejectWriter } from './rejects.ts';

export const newTable = (sql: Sqlite.Database, { details, claim: owner }: ImportWork): Destination => {
  const hidden = hiddenTable(owner);
  const into = (): Into => ({
    table: hidden,
    columns: details.columns,
    forms: formsOf(details.columns, typesIn(sql, hidden), isStrict(details.columns), details.bytes),
    verb: 'INSERT',
    clause: details.onConflict === 'SKIP' ? ' ON CONFLICT DO NOTHING' : '',
    resolve: resolver(),
    // The table has no foreign keys.
    inserted: null,
    singly: false,
    prepare: (insert) => {
      const statement = sql.prepare(insert);
      return (values) => statement.run(values).changes;
    },
    record: () => undefined,
  });
  const resolver = (): Into['resolve'] => {
    const policy = details.onConflict;
    if (policy === 'FAIL' || policy === 'SKIP') return null;
    return conflictResolver({ sql, table: readHiddenTable(sql, hidden), policy, verb: 'INSERT', rows: null });
  };
  let prepared: { readonly source: Source; readonly insert: Insert } | undefined;
  return {
    ownTable: hidden,
    create: () => {
      sql.exec(`DROP TABLE IF EXISTS ${quote(hidden)}`);
      sql.exec(createTable(hidden, details.columns));
      if (details.rejectLimit > 0) createRejects(sql, owner);
    },
    inserter: (source) => {
      if (prepared?.source !== source) {
        prepared = { source, insert: inserterOf(sql, into(), source, rejectWriter(sql, owner)) };
      }
      return prepared.insert;
    },
    checkReferences: () => NO_REFERENCES,
    checkEnd: () => {
      const conflict = nameConflict(sql, details.table);
      if (conflict !== null)
        throw new Error(`${conflict} named ${show(details.table)} has been created by another program`);
    },
    publish: () => {
      dropProbe(sql);
      const publish = details.validateOnly
        ? `DROP TABLE ${quote(hidden)}`
        : `ALTER TABLE ${quote(hidden)} RENAME TO ${quote(details.table)}`;
      sql.exec(publish);
    },
  };
};

/** The types with which a table of ours is declared. A job of an older version may have declared others. */
const typesIn = (sql: Sqlite.Database, table: string): readonly string[] =>
  sql.prepare('SELECT type FROM pragma_table_xinfo(?) ORDER BY cid').pluck().all(table) as string[];
