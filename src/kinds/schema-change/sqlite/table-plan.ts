/** The plan of one table: its definition before and after all changes, and how its rows are copied, if they have to be. */
import { createHash } from 'node:crypto';
import type Sqlite from 'better-sqlite3';
import { show } from '../../../databases/show.ts';
import {
  type Affinity,
  affinityOf,
  type Column,
  columnsOf,
  NO_ROWID,
  partsOf,
  readTable,
  type Table,
} from '../../../databases/sqlite/catalogue.ts';
import type { CatalogueObject } from '../../../databases/sqlite/catalogue-object.ts';
import { fold, quote } from '../../../databases/sqlite/names.ts';
import type { ShadowCatalogue } from '../../../databases/sqlite/shadow-catalogue.ts';
import { isLiteral, namesIn } from '../../../databases/sqlite/sql-text.ts';
import { type Check, withoutConstraints } from '../../../databases/sqlite/table-text.ts';
import { badInput } from '../../../errors.ts';
import { isSameType } from './lossless-conversion.ts';
import type { Track } from './track.ts';

/** A foreign key that is added. */
export interface ForeignKeyPlan {
  /** Under their new names. */
  readonly columns: readonly string[];
  /** The parent as it is before the change. */
  readonly parent: string;
  readonly to: readonly ParentColumn[];
}

interface ParentColumn {
  readonly name: string;
  readonly affinity: Affinity;
  readonly collation: string;
}

export interface TablePlan {
  readonly name: string;
  /** Its name after the change. */
  readonly to: string;
  readonly before: TableTexts;
  readonly after: TableTexts;
  /** The table as it is copied: without foreign keys, AUTOINCREMENT, and checks that the change does not concern. */
  readonly copied: string;
  /** The rows have to be rewritten. Otherwise only the catalogue changes. */
  readonly isCopied: boolean;
  readonly columns: readonly ColumnPlan[];
  /** The key that identifies rows and defines the copy order. */
  readonly key: readonly KeyPart[];
  /** The foreign keys that are added. */
  readonly foreignKeys: readonly ForeignKeyPlan[];
  /** VACUUM may renumber the rows, old or new. */
  readonly isRenumbered: boolean;
  /** A hash of `before` and `after`. */
  readonly shape: string;
}

export interface TableTexts {
  readonly sql: string;
  /** Indexes created by CREATE INDEX. */
  readonly indexes: readonly { readonly name: string; readonly sql: string }[];
}

/** A column after the change. */
export interface ColumnPlan {
  readonly name: string;
  /** Its column in the old table; null for an added column. */
  readonly from: string | null;
  readonly generated: boolean;
  /** Values must convert losslessly to this affinity; null if they are stored unchanged. */
  readonly converts: Affinity | null;
}

export interface KeyPart {
  /** Its name in the old table, and in the new one. */
  readonly from: string;
  readonly to: string;
  /** The collation of the key; null if it is the column's own. */
  readonly collation: string | null;
  readonly descending: boolean;
}

const textsIn = (objects: readonly CatalogueObject[], table: string): TableTexts => ({
  sql: objects.find(({ type, name }) => type === 'table' && name === table)?.sql ?? '',
  indexes: objects
    .filter((object) => object.type === 'index' && object.table === table)
    .map(({ name, sql }) => ({ name, sql })),
});

export const tablePlan = (
  track: Track,
  first: ShadowCatalogue,
  last: ShadowCatalogue,
  original: readonly CatalogueObject[],
  objects: readonly CatalogueObject[],
): TablePlan => {
  const { from: name, to } = track;
  const [before, after] = [textsIn(original, name), textsIn(objects, to)];
  const [was, is] = [columnsOf(first.sql, name), columnsOf(last.sql, to)];
  const { strict } = tableIn(last, to);
  const columns = track.columns.map(({ name: column, from }, i): ColumnPlan => {
    const [old, now] = [was.find((one) => one.name === from), is[i]];
    const isSame = old === undefined || isSameType(old.type, now?.type ?? '', strict);
    const converts = isSame ? null : affinityOf(now?.type ?? '', strict);
    return { name: column, from, generated: now?.generated ?? false, converts };
  });
  const isCopied = track.isRebuilt || isWritten(was, is, columns);
  return {
    name,
    to,
    before,
    after,
    copied: isCopied ? withoutConstraints(after.sql, isConcernedCheck(track, columns)) : after.sql,
    isCopied,
    columns,
    key: isCopied ? keyOfTable(first, last, track, columns) : [],
    foreignKeys: [],
    isRenumbered: tableIn(first, name).isRenumbered || tableIn(last, to).isRenumbered,
    shape: createHash('sha256')
      .update(JSON.stringify([before, after]))
      .digest('base64'),
  };
};

/** A check that is added, or that may read converted values. A row that breaks another one already does so today. */
const isConcernedCheck = ({ checks }: Track, columns: readonly ColumnPlan[]) => {
  const converted = columns.filter(({ converts }) => converts !== null);
  const generated = converted.length === 0 ? [] : columns.filter((column) => column.generated);
  const names = [...converted, ...generated].map(({ name }) => fold(name));
  return ({ name, expression }: Check): boolean => {
    if (name !== null && checks.includes(fold(name))) return true;
    const used = namesIn(expression);
    return names.some((one) => used.has(one));
  };
};

/** Whether stored rows would have another meaning under the new definition. */
const isWritten = (was: readonly Column[], is: readonly Column[], columns: readonly ColumnPlan[]): boolean => {
  const kept = columns.filter(({ from }) => from !== null);
  if (kept.length < was.length) return true;
  return columns.some(({ from, converts }, i) => {
    const [old, now] = [was.find(({ name }) => name === from), is[i]];
    if (now === undefined || converts !== null) return true;
    if (old === undefined) return !isConstant(now);
    // A row from before the column was added has the old default as its value, whatever the table declares now.
    return old.default !== now.default || (now.notNull && !old.notNull);
  });
};

/** Whether a row stored without the column can be read as if it had the default. */
const isConstant = ({ default: text, notNull }: Column): boolean => {
  if (text === null || /^null$/i.test(text)) return !notNull;
  return isLiteral(text) && !/^current_/i.test(text);
};

const tableIn = ({ sql }: ShadowCatalogue, name: string): Table => {
  const table = readTable(sql, name);
  if (table === undefined) throw new Error(`the shadow catalogue has no table ${show(name)}`);
  return table;
};

const keyOfTable = (
  first: ShadowCatalogue,
  last: ShadowCatalogue,
  { from: table, to: renamed }: Track,
  columns: readonly ColumnPlan[],
): readonly KeyPart[] => {
  const named = (name: string) => columns.find(({ from }) => from === name)?.name ?? name;
  const { withoutRowid, alias, key } = tableIn(first, table);
  if (alias !== null) return [{ from: alias, to: named(alias), collation: null, descending: false }];
  if (!withoutRowid) {
    const [from, to] = [rowidName(first, table), rowidName(last, renamed)];
    return [{ from, to, collation: null, descending: false }];
  }
  return key.map(({ name, collation, descending }) => ({
    from: name,
    to: named(name),
    collation: collationOf(first.sql, table, name) === collation ? null : collation,
    descending,
  }));
};

/** The column's declared collation, which an index uses unless it names another. */
export const collationOf = (sql: Sqlite.Database, table: string, column: string): string | undefined => {
  const name = '_signalbox_probe';
  sql.exec(`CREATE INDEX ${name} ON ${quote(table)} (${quote(column)})`);
  try {
    return partsOf(sql, name)[0]?.collation;
  } finally {
    sql.exec(`DROP INDEX ${name}`);
  }
};

const rowidName = (shadow: ShadowCatalogue, table: string): string => {
  const { rowid } = tableIn(shadow, table);
  if (rowid === null) throw badInput('input.changes', `table ${show(table)} ${NO_ROWID}`);
  return rowid;
};
