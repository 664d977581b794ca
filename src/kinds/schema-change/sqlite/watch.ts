/**
 * Records the changes that writers make during the copy. Triggers on the table note the keys of changed rows in a table
 * that accepts anything and rejects nothing, so no writer can get an error from it. The job reads the rows under the
 * noted keys again. In another process's connection, a row that a REPLACE displaces fires no trigger of its own, so for
 * each unique index a BEFORE trigger notes the row that the change would displace. If a default cannot be predicted, an
 * AFTER trigger finds that row (unique-entries.ts). An unnecessary note does no harm.
 */
import type Sqlite from 'better-sqlite3';
import { readTable, type Table, triggersOn } from '../../../databases/sqlite/catalogue.ts';
import { type Displaced, displacedIn, uniqueIndex } from '../../../databases/sqlite/displaced.ts';
import { isReserved, quote } from '../../../databases/sqlite/names.ts';
import { createForeignKeyChecks, parentTriggers, type UnnamedTrigger } from './foreign-keys.ts';
import { keyColumns, noted } from './key-sql.ts';
import type { CopyNames } from './names.ts';
import type { TablePlan } from './table-plan.ts';
import { createEntries, entriesOf } from './unique-entries.ts';

/** Runs inside a transaction. */
export const createWatch = (sql: Sqlite.Database, table: TablePlan, names: CopyNames): void => {
  const columns = noted(table.key).join(', ');
  // No types, no order but that of insertion, and no unique constraints, because the conflict clause of a writer's
  // statement applies here too.
  sql.exec(`CREATE TABLE ${quote(names.log)} (seq INTEGER PRIMARY KEY, ${columns})`);
  createEntries(sql, table, names);
  createForeignKeyChecks(sql, table, names);
  createTriggers(sql, table, names);
};

/**
 * Inspects the triggers. SQLite fires the newest trigger first: if a later trigger of another program fails under OR
 * FAIL, which keeps the row, older triggers do not fire. The triggers are then recreated, and so are those of an older
 * version of this program.
 */
export const inspectWatch = (
  sql: Sqlite.Database,
  table: TablePlan,
  names: CopyNames,
): 'current' | 'outdated' | 'missing' => {
  const expected = triggersOf(sql, table, names);
  const states = [...new Set(expected.map((one) => one.table))].map((watched) => {
    const texts = expected.flatMap((one) => (one.table === watched ? [one.text] : []));
    const triggers = triggersOn(sql, watched);
    const own = triggers.filter(({ name }) => name.startsWith(names.trigger));
    if (own.length !== texts.length) return 'missing';
    const [oldest] = own;
    const others = oldest === undefined ? [] : triggers.slice(triggers.indexOf(oldest));
    const isCurrent = own.every((trigger) => texts.some((text) => trigger.sql?.endsWith(text)));
    return isCurrent && others.every(({ name }) => isReserved(name)) ? 'current' : 'outdated';
  });
  return states.find((state) => state === 'missing') ?? states.find((state) => state === 'outdated') ?? 'current';
};

/** Runs inside a transaction. */
export const renewWatch = (sql: Sqlite.Database, table: TablePlan, names: CopyNames): void => {
  for (const i of triggersOf(sql, table, names).keys()) sql.exec(`DROP TRIGGER ${quote(`${names.trigger}${i}`)}`);
  createTriggers(sql, table, names);
};

const createTriggers = (sql: Sqlite.Database, table: TablePlan, names: CopyNames) => {
  for (const [i, { text }] of triggersOf(sql, table, names).entries()) {
    sql.exec(`CREATE TRIGGER ${quote(`${names.trigger}${i}`)} ${text}`);
  }
};

const triggersOf = (sql: Sqlite.Database, plan: TablePlan, names: CopyNames): readonly UnnamedTrigger[] => [
  ...ownTriggers(sql, plan, names).map((text) => ({ table: plan.name, text })),
  ...parentTriggers(sql, plan, names),
];

const ownTriggers = (sql: Sqlite.Database, plan: TablePlan, names: CopyNames): readonly string[] => {
  const { name, key } = plan;
  const table = quote(name);
  const into = `INSERT INTO ${quote(names.log)} (${noted(key).join(', ')})`;
  const unpredicted = entriesOf(sql, plan, names)
    .map(({ displaced }) => ` ${into} ${displaced};`)
    .join('');
  const own = keyColumns(key, 'from', `${table}.`);
  const [old, now] = [keyColumns(key, 'from', 'OLD.'), keyColumns(key, 'from', 'NEW.')];
  const isOther = own.map((column, i) => `${column} IS NOT ${old[i]} COLLATE BINARY`).join(' OR ');
  const isMoved = old.map((column, i) => `${column} IS NOT ${now[i]} COLLATE BINARY`).join(' OR ');
  return [
    `AFTER INSERT ON ${table} BEGIN ${into} VALUES (${now.join(', ')});${unpredicted} END`,
    `AFTER DELETE ON ${table} BEGIN ${into} VALUES (${old.join(', ')}); END`,
    `AFTER UPDATE ON ${table} BEGIN
       ${into} VALUES (${old.join(', ')});
       ${into} SELECT ${now.join(', ')} WHERE ${isMoved};${unpredicted}
     END`,
    ...displacedRows(sql, name).flatMap(({ where, reads, of }) => {
      const note = `${into} SELECT ${own.join(', ')} FROM ${table} WHERE ${where}`;
      const isChanged = reads.map((column) => `OLD.${quote(column)} IS NOT NEW.${quote(column)} COLLATE BINARY`);
      return [
        `BEFORE INSERT ON ${table} BEGIN ${note}; END`,
        `BEFORE UPDATE${of} ON ${table} WHEN ${isChanged.join(' OR ') || '0'} BEGIN ${note} AND (${isOther}); END`,
      ];
    }),
  ];
};

interface DisplacedRows extends Displaced {
  /** Limits the trigger to some columns, so that it costs nothing in an UPDATE of others. */
  readonly of: string;
}

const displacedRows = (sql: Sqlite.Database, name: string): readonly DisplacedRows[] => {
  const table = readTable(sql, name);
  if (table === undefined) return [];
  const columns = new Set(table.columns.map((column) => column.name));
  const inIndex = displacedIn(table);
  return table.indexes
    .filter((index) => index.unique && !isKeyOfRows(table, index.origin))
    .map((index) => {
      const displaced = inIndex(uniqueIndex(index));
      const { reads } = displaced;
      // The rowid has several names, and OF would have to list them all.
      const isNamed = reads.length > 0 && reads.every((column) => columns.has(column) && column !== table.alias);
      return { ...displaced, of: isNamed ? ` OF ${reads.map(quote).join(', ')}` : '' };
    });
};

/**
 * In a WITHOUT ROWID table, the row displaced through the primary key has the key of the new row, which is noted
 * anyway.
 */
const isKeyOfRows = ({ withoutRowid }: Table, origin: string): boolean => withoutRowid && origin === 'pk';
