/**
 * A table that existed before the import. Its rows are visible as soon as they are committed. While the job exists, a
 * ledger, maintained by triggers, records which rows belong to the import, so that they can be removed again. The last
 * transaction drops the ledger.
 */
import type Sqlite from 'better-sqlite3';
import { show } from '../../../databases/show.ts';
import { type Table as CatalogueTable, readTable as readCatalogued } from '../../../databases/sqlite/catalogue.ts';
import { fold, quote } from '../../../databases/sqlite/names.ts';
import type { Owner } from '../../../jobs/kind.ts';
import type { ConflictPolicy, Details, Source } from '../details.ts';
import type { ImportWork } from '../port.ts';
import { affectedTables, whyNotDeferred, whyNotUndone } from './affected.ts';
import { formsOf } from './bound-values.ts';
import { conflictResolver } from './conflicts.ts';
import { type Destination, type Insert, type Into, inserterOf } from './insert.ts';
import { checkVacuum, createMark, dropLedger, type Ledger, tableOfLedger } from './ledger.ts';
import { keysLedger } from './ledger-keys.ts';
import { rangesLedger } from './ledger-ranges.ts';
import { requireLedgerTriggers } from './ledger-state.ts';
import { ledgerNames } from './names.ts';
import type { PutRows } from './put-rows.ts';
import { createReferences, dropReferences, openReferences, type References, type RowOrigin } from './references.ts';
import { createRejects, rejectWriter } from './rejects.ts';
import { keyOf } from './row-key.ts';
import { readTable, type Table } from './table.ts';
import { createUndoLog, dropUndoLog, openUndoLog } from './undo-log.ts';

export const existingTable = (sql: Sqlite.Database, { details, claim: owner }: ImportWork): Destination => {
  // Outside of a transaction: inside of one, SQLite ignores it.
  if (details.deferForeignKeys) sql.pragma('foreign_keys = OFF');
  let references: References | undefined;
  let checkedVersion: unknown;
  let prepared: { readonly source: Source; readonly version: unknown; readonly insert: Insert } | undefined;
  const check = (): Table => {
    const name = tableOfLedger(sql, owner);
    if (name === null || fold(name) !== fold(details.table)) {
      throw new Error(`table ${show(details.table)} was dropped, renamed or recreated by another program`);
    }
    requireLedgerTriggers(sql, owner, name);
    const table = readTable(sql, name);
    checkVacuum(sql, table, owner);
    const why = whyNotUndone(sql, name, details.onConflict);
    if (why !== null) throw new Error(`${why}, so rows that conflict cannot be imported`);
    const whyNow = details.deferForeignKeys ? whyNotDeferred(sql, name, details.onConflict) : null;
    if (whyNow !== null) throw new Error(`${whyNow}, so foreign keys cannot be deferred`);
    return table;
  };
  return {
    ownTable: ledgerNames(owner).rows,
    create: () => {
      dropLedger(sql, owner);
      ledgerOf(sql, readTable(sql, details.table), owner).create();
      const { onConflict } = details;
      dropReferences(sql, owner);
      if (details.deferForeignKeys) createReferences(sql, owner, catalogued(sql, details.table));
      if (onConflict === 'REPLACE' || onConflict === 'UPDATE') {
        createUndoLog(sql, owner, affectedTables(sql, details.table, onConflict));
      }
      if (details.rejectLimit > 0) createRejects(sql, owner);
    },
    inserter: (source) => {
      // Increases with every schema change, and with VACUUM.
      const version = sql.pragma('schema_version', { simple: true });
      if (prepared?.source !== source || prepared.version !== version) {
        const table = check();
        const ledger = ledgerOf(sql, table, owner);
        const deferred = details.deferForeignKeys ? deferredRows(sql, owner, table.name, ledger) : null;
        const into = intoTable(sql, table, ledger, details, owner, deferred);
        prepared = { source, version, insert: inserterOf(sql, into, source, rejectWriter(sql, owner)) };
      }
      return prepared.insert;
    },
    checkReferences: (from, maxRejects) => {
      const version = sql.pragma('schema_version', { simple: true });
      if (references === undefined || checkedVersion !== version) {
        const table = check();
        references = openReferences(sql, owner, catalogued(sql, table.name), ledgerOf(sql, table, owner).isOwn);
        checkedVersion = version;
      }
      return references.settle(from, maxRejects, rejectWriter(sql, owner));
    },
    checkEnd: check,
    publish: () => {
      dropLedger(sql, owner);
      dropUndoLog(sql, owner);
      dropReferences(sql, owner);
    },
  };
};

/** The ledger of a job for its table: of rowids, or of keys in a WITHOUT ROWID table. */
export const ledgerOf = (sql: Sqlite.Database, table: Table, owner: Owner): Ledger => {
  const names = ledgerNames(owner);
  if (table.rowid === null) return keysLedger(sql, table, names);
  const ledger = rangesLedger(sql, { ...table, rowid: table.rowid }, names);
  return {
    ...ledger,
    create: () => {
      ledger.create();
      createMark(sql, names);
    },
  };
};

const catalogued = (sql: Sqlite.Database, name: string): CatalogueTable => {
  const table = readCatalogued(sql, name);
  if (table === undefined) throw new Error(`table ${show(name)} does not exist`);
  return table;
};

const intoTable = (
  sql: Sqlite.Database,
  table: Table,
  ledger: Ledger,
  { columns, bytes, onConflict }: Details,
  owner: Owner,
  deferred: DeferredRows | null,
): Into => ({
  table: table.name,
  columns,
  forms: formsOf(
    columns,
    columns.map(({ type }) => type),
    table.isStrict,
    bytes,
  ),
  // A constraint of the table may specify ON CONFLICT REPLACE: an existing row must not be lost.
  verb: table.hasTriggers ? 'INSERT' : 'INSERT OR ABORT',
  clause: onConflict === 'SKIP' ? ' ON CONFLICT DO NOTHING' : '',
  resolve: resolverFor(sql, table.name, ledger, onConflict, owner),
  inserted: deferred?.inserted ?? null,
  singly: table.singly && deferred === null,
  prepare: (insert, filled) => {
    if (deferred !== null) return deferred.prepare(insert);
    const put = ledger.prepare(insert, filled, onConflict === 'SKIP');
    return table.singly ? oneByOne(sql, put, ledger) : put;
  },
  record: ledger.record,
});

interface DeferredRows {
  prepare(insert: string): PutRows;
  inserted(origin: RowOrigin): void;
}

/** Inserts one row at a time, whose references are noted. */
const deferredRows = (sql: Sqlite.Database, owner: Owner, name: string, ledger: Ledger): DeferredRows => {
  const table = catalogued(sql, name);
  const references = openReferences(sql, owner, table, ledger.isOwn);
  let last: readonly unknown[] = [];
  return {
    prepare: (insert) => {
      const put = sql
        .prepare(`${insert} RETURNING ${keyOf(table).map(quote).join(', ')}`)
        .raw()
        .safeIntegers();
      return (values) => {
        const [key] = put.all(values) as unknown[][];
        if (key === undefined) return 0;
        ledger.note(key);
        last = key;
        return 1;
      };
    },
    inserted: (origin) => references.note(last, origin),
  };
};

const resolverFor = (
  sql: Sqlite.Database,
  name: string,
  ledger: Ledger,
  policy: ConflictPolicy,
  owner: Owner,
): Into['resolve'] => {
  if (policy === 'FAIL' || policy === 'SKIP') return null;
  const tables = affectedTables(sql, name, policy);
  const [table = catalogued(sql, name)] = tables;
  const log = openUndoLog(sql, owner, tables, ledger.isOwn);
  return conflictResolver({ sql, table, policy, verb: 'INSERT OR ABORT', rows: { ...ledger, log } });
};

/**
 * Records each row immediately, since a trigger may change it when the next one is inserted. RAISE(FAIL) keeps the
 * changes that a statement made before it, so each row has a savepoint.
 */
const oneByOne = (sql: Sqlite.Database, put: PutRows, ledger: Ledger): PutRows => {
  const name = quote('_signalbox_row');
  const [save, release, back] = ['SAVEPOINT', 'RELEASE', 'ROLLBACK TO'].map((verb) => sql.prepare(`${verb} ${name}`));
  return (values) => {
    save?.run();
    try {
      const rows = put(values);
      ledger.record();
      return rows;
    } catch (error) {
      if (sql.inTransaction) back?.run();
      throw error;
    } finally {
      if (sql.inTransaction) release?.run();
    }
  };
};
