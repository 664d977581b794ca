/**
 * Generates the triggers that write a table's changes to the log of a changefeed. They run in other programs'
 * connections, in any SQLite with default settings, so they use only built-in functions, need no recursive triggers,
 * and must never make a write fail.
 *
 * An entry records the state at that moment: `W`, the row with this key has these values; or `D`, no row has this key.
 * The row is read back from the table, never taken from NEW, so the last entry for a key is its newest state, whatever
 * other triggers of the table do before or after.
 *
 * Columns are read through a join with a row that has all their names: if a column has been removed, that row's NULL is
 * read instead. So other programs can drop, rename or add a column, and neither that nor a later write fails.
 *
 * INSERT OR REPLACE and UPDATE OR REPLACE may displace rows with other keys, for which no trigger fires. A BEFORE
 * trigger notes the rows that a unique index would displace; the AFTER trigger logs those that are gone. A note whose
 * row stays (because the statement ignored the conflict, or updated instead) does no harm: only the newest notes are
 * kept. With `diff`, the notes also hold the previous values of the row.
 */
import type { Owner } from '../../../jobs/kind.ts';
import { quote } from '../names.ts';
import { afterColumn, beforeColumn, type FeedNames, feedNames, type TriggerEvent, triggerName } from './names.ts';
import { isBinary, type KeyColumn, type WatchedTable } from './table.ts';

export interface Watching {
  readonly owner: Owner;
  /** The position of the table among those that the feed watches. */
  readonly place: number;
  /** The version of the column map of the entries. */
  readonly columnMapId: number;
  /** Whether the previous values of the row are logged too. */
  readonly diff: boolean;
}

export interface Trigger {
  readonly name: string;
  readonly sql: string;
}

/** The size of an entry in addition to its values. */
export const ENTRY_BYTES = 32;
/**
 * A change of one row notes at most one row for each unique index, and itself; a trigger of the table may change other
 * rows.
 */
const notesKept = (uniques: number): number => 16 + 2 * (uniques + 1);

export const triggersOf = (watching: Watching, table: WatchedTable): readonly Trigger[] => {
  const parts = partsOf(watching, table);
  const { noting, before, after } = parts;
  const triggers: readonly (readonly [TriggerEvent, string, readonly string[]])[] = [
    ['bi', before.insertWhen, noting ? before.insert : []],
    ['bu', before.updateWhen, noting ? before.update : []],
    ['bd', '', watching.diff ? before.delete : []],
    ['ai', parts.isRoom, after.insert],
    ['au', parts.isRoom, after.update],
    ['ad', parts.isRoom, after.delete],
  ];
  return triggers
    .filter(([, , statements]) => statements.length > 0)
    .map(([event, when, statements]) => {
      const name = triggerName(watching.owner, watching.place, event);
      const head = `CREATE TRIGGER ${quote(name)} ${WHEN[event]} ON ${quote(table.name)} ${when}`;
      return { name, sql: `${head} BEGIN ${statements.map((statement) => `${statement};`).join(' ')} END` };
    });
};

/** The current row, by the columns' names, any of which may be missing. `from` belongs in a FROM clause. */
export const rowNow = ({ name, columns, long }: WatchedTable) => ({
  from: `${quote(name)} NATURAL LEFT JOIN (SELECT ${columns.map((column) => `NULL AS ${quote(column)}`).join(', ')})`,
  values: columns.map(quote).join(', '),
  bytes: [String(ENTRY_BYTES), ...long.map((column) => `coalesce(length(${quote(column)}), 0)`)].join(' + '),
});

/** The total size of the log, including all removed entries: each entry stores it. */
export const logSize = ({ log }: FeedNames): string => `(SELECT size FROM ${quote(log)} ORDER BY seq DESC LIMIT 1)`;

/** The writer's clock, in milliseconds. */
const NOW = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)";

const WHEN: Readonly<Record<TriggerEvent, string>> = {
  bi: 'BEFORE INSERT',
  bu: 'BEFORE UPDATE',
  bd: 'BEFORE DELETE',
  ai: 'AFTER INSERT',
  au: 'AFTER UPDATE',
  ad: 'AFTER DELETE',
};

const partsOf = ({ owner, place, columnMapId, diff }: Watching, table: WatchedTable) => {
  const names = feedNames(owner);
  const { key } = table;
  const uniques = table.uniques.map((unique) => table.displaced(unique));
  const log = quote(names.log);
  const size = logSize(names);
  const notes = quote(names.notes);
  const target = quote(table.name);
  const noting = diff || uniques.length > 0;
  // The size of the row's previous values.
  const oldBytes = table.long
    .map((column) => ` + coalesce(length(x.${afterColumn(table.columns.indexOf(column))}), 0)`)
    .join('');
  const noted = diff ? table.columns.map((_, i) => i) : key.map((column) => column.place);
  const noteColumns = noted.map(afterColumn);
  const entry = (columns: readonly string[]) =>
    `INSERT INTO ${log} (shape, op, at, size${columns.map((column) => `, ${column}`).join('')})`;
  const all = table.columns.map((_, i) => afterColumn(i));
  const olds = table.columns.map((_, i) => beforeColumn(i));
  const row = rowNow(table);
  const keyOf = (side: string) => key.map((column) => `${side}.${quote(column.name)}`);
  const noteKey = (side: string) => key.map((column) => `${side}.${afterColumn(column.place)}`);
  const exists = (values: readonly string[]) =>
    `EXISTS (SELECT 1 FROM ${target} WHERE ${key.map((column, i) => isKey(target, column, values[i] ?? '')).join(' AND ')})`;
  const sameNote = (side: string, values: readonly string[]) =>
    key.map((column, i) => `${side}.${afterColumn(column.place)} IS ${values[i]} COLLATE BINARY`).join(' AND ');
  const at = (side: string) =>
    table.rowid === null
      ? key.map(({ name }) => `${target}.${quote(name)} = ${side}.${quote(name)}`).join(' AND ')
      : `${target}.${quote(table.rowid)} = ${side}.${quote(table.rowid)}`;

  const note = (where: string) => {
    const values = diff ? row.values : keyOf(target).join(', ');
    const from = diff ? row.from : target;
    return `INSERT INTO ${notes} (_signalbox_table, ${noteColumns.join(', ')}) SELECT ${place}, ${values} FROM ${from} WHERE ${where}`;
  };
  const prune = `DELETE FROM ${notes} WHERE _signalbox_id <= (SELECT max(_signalbox_id) FROM ${notes}) - ${notesKept(uniques.length)}`;
  // With diff, the previous values are needed of a row that is replaced under its own key.
  const itself = key.map((column) => isKey(target, column, `NEW.${quote(column.name)}`)).join(' AND ');
  const conditions = [...uniques.map(({ where }) => where), ...(diff ? [itself] : [])];
  const displaced = conditions.map(note);

  const keyColumns = key.map((column) => afterColumn(column.place));
  const removed = [
    `${entry([...keyColumns, ...(diff ? olds : [])])} SELECT ${columnMapId}, 'D', ${NOW}, ${size} + ${ENTRY_BYTES}${diff ? oldBytes : ''}, ${[...noteKey('x'), ...(diff ? all.map((column) => `x.${column}`) : [])].join(', ')}
      FROM ${notes} x WHERE x._signalbox_table = ${place} AND NOT ${exists(noteKey('x'))} AND NOT EXISTS (SELECT 1 FROM ${notes} y
      WHERE y._signalbox_table = ${place} AND y._signalbox_id > x._signalbox_id AND ${sameNote('y', noteKey('x'))})`,
    `DELETE FROM ${notes} WHERE _signalbox_table = ${place} AND NOT ${exists(noteKey(notes))}`,
  ];
  const cleanUp = (side: string) =>
    `DELETE FROM ${notes} WHERE _signalbox_table = ${place} AND ${sameNote(notes, keyOf(side))}`;

  const lastNote = `(SELECT max(y._signalbox_id) FROM ${notes} y WHERE y._signalbox_table = ${place} AND ${sameNote('y', keyOf('NEW'))})`;
  const written = diff
    ? [
        `${entry([...all, ...olds])} SELECT ${columnMapId}, 'W', ${NOW}, ${size} + ${row.bytes}${oldBytes}, ${row.values}, ${all.map((column) => `x.${column}`).join(', ')}
          FROM ${row.from} LEFT JOIN ${notes} x ON x._signalbox_id = ${lastNote} WHERE ${at('NEW')}`,
        cleanUp('NEW'),
      ]
    : [
        `${entry(all)} SELECT ${columnMapId}, 'W', ${NOW}, ${size} + ${row.bytes}, ${row.values} FROM ${row.from} WHERE ${at('NEW')}`,
      ];
  const left = (condition: string) =>
    `${entry(keyColumns)} SELECT ${columnMapId}, 'D', ${NOW}, ${size} + ${ENTRY_BYTES}, ${keyOf('OLD').join(', ')}
      WHERE ${condition} AND NOT ${exists(keyOf('OLD'))}`;
  const unlessNoted = `NOT EXISTS (SELECT 1 FROM ${notes} x WHERE x._signalbox_table = ${place} AND ${sameNote('x', keyOf('OLD'))})`;
  const moved = differ(key.map(({ name }) => name));

  return {
    noting,
    isRoom: `WHEN ${size} < (SELECT "full" FROM ${quote(names.meter)})`,
    before: {
      insertWhen: `WHEN ${conditions.map((where) => `EXISTS (SELECT 1 FROM ${target} WHERE ${where})`).join(' OR ')}`,
      insert: [...displaced, prune],
      updateWhen: diff
        ? `WHEN ${alwaysReading(uniques.flatMap(({ reads }) => reads))}`
        : `WHEN ${differ([...key.map(({ name }) => name), ...uniques.flatMap(({ reads }) => reads)])}`,
      update: [note(at('OLD')), ...conditions.map((where) => note(`${where} AND NOT (${at('OLD')})`)), prune],
      delete: [note(at('OLD')), prune],
    },
    after: {
      insert: [...(noting ? removed : []), ...written],
      update: [...(noting ? removed : [left(`(${moved})`)]), ...written],
      delete: diff ? [left(unlessNoted), ...removed] : [left('1'), ...(noting ? [cleanUp('OLD')] : [])],
    },
  };
};

/** Compares the exact key, byte by byte. */
const isKey = (table: string, { name, collation, nullable }: KeyColumn, value: string): string => {
  const column = `${table}.${quote(name)}`;
  const same = `${column} ${nullable ? 'IS' : '='} ${value}`;
  return isBinary(collation) ? same : `${same} AND ${column} COLLATE BINARY IS ${value}`;
};

/** Always true, and reads these columns of NEW: see displaced.ts. */
const alwaysReading = (columns: readonly string[]): string =>
  ['1', ...[...new Set(columns)].map((column) => `NEW.${quote(column)} IS NULL`)].join(' OR ');

const differ = (columns: readonly string[]): string =>
  [...new Set(columns)].map((column) => `OLD.${quote(column)} IS NOT NEW.${quote(column)} COLLATE BINARY`).join(' OR ');
