/**
 * A validation of rows for a table that exists. The rows are inserted into a hidden table, which has the columns, CHECKs
 * and unique constraints of the other one, but no triggers and no foreign keys. A temporary trigger, which exists in this
 * connection only, compares each row with the rows of the existing table, to which nothing is written. With REPLACE and
 * UPDATE, an overlay holds what the import would have made of those.
 */
import Sqlite from 'better-sqlite3';
import { show } from '../../../databases/show.ts';
import {
  type Table as CatalogueTable,
  readTable as readCatalogued,
  readHiddenTable,
} from '../../../databases/sqlite/catalogue.ts';
import { quote } from '../../../databases/sqlite/names.ts';
import type { Details, Source } from '../details.ts';
import type { ImportWork } from '../port.ts';
import { whyNotValidated } from './affected.ts';
import { formsOf } from './bound-values.ts';
import { conflictResolver, dropProbe } from './conflicts.ts';
import { type Destination, type Insert, type Into, inserterOf } from './insert.ts';
import { hiddenTable, movedTable } from './names.ts';
import type { PutRows } from './put-rows.ts';
import { NO_REFERENCES } from './references.ts';
import { createRejects, rejectWriter } from './rejects.ts';
import { readTable } from './table.ts';
import { createComparison, dropComparison, type Mismatch, mismatchIn } from './validation-compare.ts';
import { createMoved, dropOverlay, type Overlay, openOverlay } from './validation-overlay.ts';
import { insertSql, type Twin, twinOf } from './validation-twin.ts';

export const validatedTable = (sql: Sqlite.Database, { details, claim: owner }: ImportWork): Destination => {
  const hidden = hiddenTable(owner);
  const moved = movedTable(owner);
  const changes = details.onConflict === 'REPLACE' || details.onConflict === 'UPDATE';
  let prepared: { readonly source: Source; readonly version: unknown; readonly insert: Insert } | undefined;
  const current = (): CatalogueTable => {
    const table = readCatalogued(sql, details.table);
    if (table === undefined) throw new Error(`table ${show(details.table)} was dropped or renamed by another program`);
    return table;
  };
  const check = (): Twin => {
    const table = current();
    const why = whyNotValidated(sql, table, details);
    if (why !== null) throw new Error(`${why}, so rows cannot be validated`);
    const twin = twinOf(table, hidden);
    const find = sql.prepare('SELECT sql FROM sqlite_schema WHERE name = ?').pluck();
    if (twin.objects.some(({ name, sql: statement }) => find.get(name) !== statement)) {
      throw new Error(`table ${show(details.table)} was changed by another program`);
    }
    return twin;
  };
  return {
    ownTable: hidden,
    create: () => {
      sql.exec(`DROP TABLE IF EXISTS ${quote(hidden)}`);
      for (const { sql: statement } of twinOf(current(), hidden).objects) sql.exec(statement);
      if (changes) createMoved(sql, current(), moved);
      if (details.rejectLimit > 0) createRejects(sql, owner);
    },
    inserter: (source) => {
      // Increases with every schema change, and with VACUUM.
      const version = sql.pragma('schema_version', { simple: true });
      if (prepared?.source !== source || prepared.version !== version) {
        const twin = check();
        const overlay = changes ? openOverlay(sql, twin.table, hidden, moved) : null;
        const into = intoTwin(sql, twin, details, overlay);
        prepared = { source, version, insert: inserterOf(sql, into, source, rejectWriter(sql, owner)) };
      }
      return prepared.insert;
    },
    checkReferences: () => NO_REFERENCES,
    checkEnd: check,
    publish: () => {
      dropComparison(sql);
      dropOverlay(sql);
      dropProbe(sql);
      sql.exec(`DROP TABLE ${quote(hidden)}; DROP TABLE IF EXISTS ${quote(moved)}`);
    },
  };
};

const intoTwin = (
  sql: Sqlite.Database,
  twin: Twin,
  { columns, bytes, onConflict }: Details,
  overlay: Overlay | null,
): Into => {
  const table = readTable(sql, twin.table.name);
  const comparison = createComparison(sql, twin.table, twin.hidden, overlay);
  return {
    // Reasons name the existing table.
    table: table.name,
    columns,
    forms: formsOf(
      columns,
      columns.map(({ type }) => type),
      table.isStrict,
      bytes,
    ),
    verb: 'INSERT OR ABORT',
    clause: onConflict === 'SKIP' ? ' ON CONFLICT DO NOTHING' : '',
    resolve: overlay === null ? null : resolver(sql, twin, onConflict, overlay, comparison),
    inserted: null,
    // Each row is compared with the rows before it.
    singly: true,
    prepare: (insert, filled) => {
      // Prepared, but never executed: it fails if no row could be inserted, as where a table of a foreign key is missing.
      sql.prepare(insert);
      const clause = onConflict === 'SKIP' ? ' ON CONFLICT DO NOTHING' : '';
      const statement = sql.prepare(`${insertSql(twin, filled, '1')}${clause}`);
      return comparing((values) => statement.run(values).changes, twin, comparison, onConflict === 'SKIP');
    },
    record: () => undefined,
  };
};

/** Resolves the conflicts of a row with the rows of the hidden table, once it has those of the existing one. */
const resolver = (
  sql: Sqlite.Database,
  twin: Twin,
  policy: Details['onConflict'],
  overlay: Overlay,
  comparison: readonly Mismatch[],
): Into['resolve'] => {
  if (policy !== 'REPLACE' && policy !== 'UPDATE') return null;
  const table = readHiddenTable(sql, twin.hidden);
  const resolve = conflictResolver({ sql, table, policy, verb: 'INSERT OR ABORT', rows: null });
  const isCurrent = overlay.isCurrent(quote(twin.table.name));
  return (insert, filled) => {
    // Prepared, but never executed: it fails if no row could be inserted.
    sql.prepare(insert);
    const into = insertSql(twin, filled, isCurrent);
    const copy = overlay.prepare(into);
    const put = resolve(into, filled);
    return comparing(
      (values) => {
        copy(values);
        return put(values);
      },
      twin,
      comparison,
      false,
    );
  };
};

/** Converts the errors of the hidden table and of the comparison to those that the existing table would cause. */
const comparing =
  (put: PutRows, twin: Twin, comparison: readonly Mismatch[], skips: boolean): PutRows =>
  (values) => {
    try {
      return put(values);
    } catch (error) {
      if (!(error instanceof Sqlite.SqliteError)) throw error;
      const mismatch = mismatchIn(comparison, error);
      if (mismatch === null) throw new Sqlite.SqliteError(twin.named(error.message), error.code);
      if (skips && mismatch.isConflict) return 0;
      throw new Sqlite.SqliteError(mismatch.message, mismatch.code);
    }
  };
