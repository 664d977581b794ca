/** The tables whose rows change when rows of a table are deleted or updated: through the actions of foreign keys. */
import type Sqlite from 'better-sqlite3';
import { show } from '../../../databases/show.ts';
import {
  type Table as CatalogueTable,
  type ForeignKey,
  foreignKeysOf,
  listTables,
  NO_ROWID,
  readTable,
  triggersOn,
} from '../../../databases/sqlite/catalogue.ts';
import { isWord, tokensOf } from '../../../databases/sqlite/lexer.ts';
import { fold, isReserved } from '../../../databases/sqlite/names.ts';
import { messageOf } from '../../../errors.ts';
import type { ConflictPolicy, Details } from '../details.ts';
import { MAX_LOGGED_COLUMNS } from './undo-log.ts';
import { twinOf } from './validation-twin.ts';

type Event = 'DELETE' | 'UPDATE';

/** The table itself first. */
export const affectedTables = (
  sql: Sqlite.Database,
  root: string,
  policy: 'REPLACE' | 'UPDATE',
): readonly CatalogueTable[] => {
  const keys = allForeignKeys(sql);
  const seen = new Set<string>();
  const names: string[] = [];
  const open: [string, Event][] = [[root, policy === 'REPLACE' ? 'DELETE' : 'UPDATE']];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const [name, event] = next;
    if (seen.has(`${event} ${fold(name)}`)) continue;
    seen.add(`${event} ${fold(name)}`);
    if (!names.some((known) => fold(known) === fold(name))) names.push(name);
    for (const key of keys) {
      const action = event === 'DELETE' ? key.onDelete : key.onUpdate;
      if (fold(key.table) !== fold(name) || action === 'NO ACTION' || action === 'RESTRICT') continue;
      open.push([key.child, event === 'DELETE' && action === 'CASCADE' ? 'DELETE' : 'UPDATE']);
    }
  }
  return names.flatMap((name) => readTable(sql, name) ?? []);
};

export const allForeignKeys = (sql: Sqlite.Database) =>
  listTables(sql)
    .filter(({ type }) => type === 'table')
    .flatMap(({ name }) => foreignKeysOf(sql, name).map((key) => ({ ...key, child: name })));

/** The keys of a table, each as its sorted and folded columns, that foreign keys refer to and act on when they change. */
export const referredKeys = (sql: Sqlite.Database, table: CatalogueTable): readonly (readonly string[])[] => {
  const referring = new Map<string, string[]>();
  for (const key of allForeignKeys(sql)) {
    if (fold(key.table) !== fold(table.name) || key.onUpdate === 'NO ACTION') continue;
    const its = `${key.child} ${key.id}`;
    const columns = key.to === null ? table.key.map(({ name }) => name) : [key.to];
    if (key.to !== null || !referring.has(its))
      referring.set(its, [...(referring.get(its) ?? []), ...columns.map(fold)]);
  }
  const keys = [...referring.values()].map((columns) => columns.sort());
  return keys.filter((columns, i) => keys.findIndex((other) => other.join() === columns.join()) === i);
};

/** Whether SQLite checks a foreign key of a table at the end of a transaction. */
export const hasDeferredKeys = ({ sql }: CatalogueTable): boolean => {
  const tokens = tokensOf(sql);
  return tokens.some((token, at) => isWord(token, 'initially') && isWord(tokens[at + 1], 'deferred'));
};

/** Why the foreign keys of a table cannot be checked at the end; null if they can. */
export const whyNotDeferred = (sql: Sqlite.Database, name: string, policy: ConflictPolicy): string | null => {
  if (policy === 'REPLACE' || policy === 'UPDATE') {
    return `with onConflict ${policy}, foreign keys of other tables have to act at once`;
  }
  const trigger = triggersOn(sql, name).find((one) => !isReserved(one.name));
  return trigger === undefined ? null : `rows that trigger ${show(trigger.name)} writes would not be checked`;
};

/** Why the result for rows of a table cannot be determined without writing to it; null if it can. */
export const whyNotValidated = (
  sql: Sqlite.Database,
  table: CatalogueTable,
  { onConflict, deferForeignKeys }: Pick<Details, 'onConflict' | 'deferForeignKeys'>,
): string | null => {
  const its = show(table.name);
  if (onConflict === 'REPLACE' || onConflict === 'UPDATE') {
    const why = whyConflictsNotValidated(sql, table, onConflict);
    if (why !== null) return why;
  }
  if (deferForeignKeys) return `with deferForeignKeys, rows of table ${its} are checked where they are`;
  const trigger = triggersOn(sql, table.name).find((one) => !isReserved(one.name) && firesOnInsert(one.sql ?? ''));
  if (trigger !== undefined) return `trigger ${show(trigger.name)} of table ${its} runs for each row`;
  if (hasDeferredKeys(table)) return `table ${its} has foreign keys that are INITIALLY DEFERRED`;
  try {
    twinOf(table, '_signalbox_import_0');
    return null;
  } catch (error) {
    return `table ${its} cannot be copied: ${messageOf(error)}`;
  }
};

/** Where foreign keys refer to rows that conflict, the result may depend on the rows of other tables. */
const whyConflictsNotValidated = (
  sql: Sqlite.Database,
  table: CatalogueTable,
  policy: 'REPLACE' | 'UPDATE',
): string | null => {
  const uniques = table.indexes.filter(({ unique }) => unique).length + (table.alias === null ? 0 : 1);
  const acts = ({ onDelete, onUpdate }: ForeignKey) => (policy === 'REPLACE' ? onDelete : onUpdate) !== 'NO ACTION';
  const key = allForeignKeys(sql).find((one) => fold(one.table) === fold(table.name) && (acts(one) || uniques > 1));
  if (key === undefined) return null;
  return `with onConflict ${policy}, the result for a row depends on table ${show(key.child)}, whose foreign key refers to table ${show(table.name)}`;
};

const firesOnInsert = (trigger: string): boolean =>
  isWord(
    tokensOf(trigger).find((token) => isWord(token, 'insert', 'update', 'delete')),
    'insert',
  );

/** Why the rows that a policy changes in a table could not be brought back; null if they could. */
export const whyNotUndone = (sql: Sqlite.Database, name: string, policy: ConflictPolicy): string | null => {
  if (policy === 'FAIL') return null;
  const affected =
    policy === 'SKIP' ? [readTable(sql, name)].flatMap((table) => table ?? []) : affectedTables(sql, name, policy);
  const [root] = affected;
  if (policy === 'REPLACE' && root !== undefined && referredKeys(sql, root).length > 1) {
    return `foreign keys with ON UPDATE refer to several keys of table ${show(root.name)}`;
  }
  for (const table of affected) {
    const its = show(table.name);
    const trigger = triggersOn(sql, table.name).find((one) => !isReserved(one.name));
    if (trigger !== undefined) return `what trigger ${show(trigger.name)} of table ${its} does could not be undone`;
    if (policy === 'SKIP') continue;
    if (table.rowid === null && !table.withoutRowid) return `table ${its} ${NO_ROWID}`;
    if (table !== root && table.isRenumbered) {
      return `table ${its} has neither a key nor an index: VACUUM could renumber its rows`;
    }
    if (table.columns.length > MAX_LOGGED_COLUMNS) {
      return `table ${its} has more than ${MAX_LOGGED_COLUMNS} columns`;
    }
  }
  return null;
};
