/**
 * Generates the triggers that write a table's changes to the log of a changefeed. They run in other programs'
 * connections, in any SQLite with default settings, so they use only built-in functions, need no recursive triggers,
 * and must never make a write fail.
 *
 * An entry records the state at that moment: `W`, the row with this key has these values; or `D`, no row has this key.
 * The row is read back from the table, never taken from NEW, so the last entry for a key is its newest state, whatever
 * other triggers of the table do before or after.
 *
 * Other programs can drop, rename or add a column, and neither that nor a later write fails: late.ts describes how
 * columns are named. An entry whose row has other columns than its column map also holds the text of the table.
 *
 * INSERT OR REPLACE and UPDATE OR REPLACE may displace rows with other keys, for which no trigger fires. A BEFORE
 * trigger notes the rows that a unique index would displace; the AFTER trigger logs those that are gone. A note whose
 * row stays (because the statement ignored the conflict, or updated instead) does no harm: only the newest notes are
 * kept. With `diff`, the notes also hold the previous values of the row. If a unique index appears that the triggers
 * do not know, the next write first records all keys of the table, so that the feed finds those that are gone.
 */
import type { Owner } from '../../../jobs/kind.ts';
import type { Unique } from '../displaced.ts';
import { quote } from '../names.ts';
import { changedText, hasUnknownIndex, lateRows, type Rows, type RowView, rowView } from './late.ts';
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
  const { before, after, isRoom } = partsOf(watching, table);
  const triggers: readonly (readonly [TriggerEvent, string, readonly string[]])[] = [
    ['bi', before.insertWhen, before.insert],
    ['bu', before.updateWhen, before.update],
    ['bd', '', watching.diff ? before.delete : []],
    ['ai', isRoom, after.insert],
    ['au', isRoom, after.update],
    ['ad', isRoom, after.delete],
  ];
  return triggers
    .filter(([, , statements]) => statements.length > 0)
    .map(([event, when, statements]) => {
      const name = triggerName(watching.owner, watching.place, event);
      const head = `CREATE TRIGGER ${quote(name)} ${WHEN[event]} ON ${quote(table.name)} ${when}`;
      return { name, sql: `${head} BEGIN ${statements.map((statement) => `${statement};`).join(' ')} END` };
    });
};

/** The view that the triggers of a table need; null if they need none. */
export const viewOf = ({ owner, place }: Pick<Watching, 'owner' | 'place'>, table: WatchedTable): RowView | null => {
  const columns = new Set<string>();
  const value = (column: string) => {
    columns.add(column);
    return 'NULL';
  };
  for (const unique of droppable(table)) {
    for (const column of table.displaced(unique, { value, table: null }).reads) columns.add(column);
  }
  return columns.size === 0 ? null : rowView(owner, place, [...columns]);
};

/** The unique indexes that can be dropped, and then their columns. */
export const droppable = ({ uniques }: WatchedTable): readonly Unique[] => uniques.filter(({ sql }) => sql !== null);

/** The number of bytes that a row counts in the log. */
export const rowBytes = ({ long }: WatchedTable, value: Rows['value'] = quote): string =>
  [String(ENTRY_BYTES), ...long.map((column) => `coalesce(length(${value(column)}), 0)`)].join(' + ');

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

const partsOf = (watching: Watching, table: WatchedTable) => {
  const { owner, place, columnMapId, diff } = watching;
  const names = feedNames(owner);
  const { key } = table;
  const log = quote(names.log);
  const size = logSize(names);
  const notes = quote(names.notes);
  const target = quote(table.name);
  const constraints = table.uniques.filter(({ sql }) => sql === null).map((unique) => table.displaced(unique));
  const view = viewOf(watching, table);
  const indexes = droppable(table).map((unique) =>
    table.displaced(unique, { value: (column) => view?.value(column) ?? 'NULL', table: null }),
  );
  const noting = diff || table.uniques.length > 0;
  // The size of the row's previous values.
  const oldBytes = table.long
    .map((column) => ` + coalesce(length(x.${afterColumn(table.columns.indexOf(column))}), 0)`)
    .join('');
  const keyColumns = key.map((column) => afterColumn(column.place));
  const noted = diff ? table.columns : key.map(({ name }) => name);
  const noteColumns = noted.map((column) => afterColumn(table.columns.indexOf(column)));
  const entry = (columns: readonly string[]) =>
    `INSERT INTO ${log} (shape, op, at, size, text, how${columns.map((column) => `, ${column}`).join('')})`;
  const text = changedText(owner, place, columnMapId);
  const all = table.columns.map((_, i) => afterColumn(i));
  const olds = table.columns.map((_, i) => beforeColumn(i));
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

  // With diff, the previous values are needed of a row that is replaced under its own key.
  const itself = key.map((column) => isKey(target, column, `NEW.${quote(column.name)}`)).join(' AND ');
  const conditions: readonly Condition[] = [
    ...constraints.map(({ where }) => ({ inner: where, outer: null, names: [] })),
    ...indexes.map(({ where, names: columns }) => ({ inner: '1', outer: where, names: columns })),
    ...(diff ? [{ inner: itself, outer: null, names: [] }] : []),
  ];
  const selected = ({ inner, outer, names: columns }: Condition, what: (rows: Rows) => string, only = '1') => {
    const rows = lateRows(table, `(${inner}) AND ${only}`, diff ? [...noted, ...columns] : columns);
    return `SELECT ${what(rows)} FROM ${rows.from}${outer === null ? '' : ` WHERE ${outer}`}`;
  };
  const note = (condition: Condition, only = '1') =>
    `INSERT INTO ${notes} (_signalbox_table, ${noteColumns.join(', ')}) ${selected(
      condition,
      (rows) => [place, ...noted.map(rows.value)].join(', '),
      only,
    )}`;
  const prune = `DELETE FROM ${notes} WHERE _signalbox_id <= (SELECT max(_signalbox_id) FROM ${notes}) - ${notesKept(table.uniques.length)}`;
  const old = { inner: at('OLD'), outer: null, names: [] };

  const isUnknown = hasUnknownIndex(owner, place, columnMapId, indexes.length);
  const keys = quote(names.keys);
  // The condition comes first, in a row of its own: otherwise SQLite evaluates it for each row of the table.
  const recordKeys = `INSERT INTO ${keys} (_signalbox_map, ${keyColumns.join(', ')}) SELECT ${columnMapId}, ${keyOf(target).join(', ')}
    FROM (SELECT 1 WHERE (${isUnknown}) AND NOT EXISTS (SELECT 1 FROM ${keys} WHERE _signalbox_map = ${columnMapId})) CROSS JOIN ${target}`;

  const removed = [
    `${entry([...keyColumns, ...(diff ? olds : [])])} SELECT ${columnMapId}, 'D', ${NOW}, ${size} + ${ENTRY_BYTES}${diff ? oldBytes : ''}, ${diff ? text : 'NULL'}, 'D', ${[...noteKey('x'), ...(diff ? all.map((column) => `x.${column}`) : [])].join(', ')}
      FROM ${notes} x WHERE x._signalbox_table = ${place} AND NOT ${exists(noteKey('x'))} AND NOT EXISTS (SELECT 1 FROM ${notes} y
      WHERE y._signalbox_table = ${place} AND y._signalbox_id > x._signalbox_id AND ${sameNote('y', noteKey('x'))})`,
    `DELETE FROM ${notes} WHERE _signalbox_table = ${place} AND NOT ${exists(noteKey(notes))}`,
  ];
  const cleanUp = (side: string) =>
    `DELETE FROM ${notes} WHERE _signalbox_table = ${place} AND ${sameNote(notes, keyOf(side))}`;

  const lastNote = `(SELECT max(y._signalbox_id) FROM ${notes} y WHERE y._signalbox_table = ${place} AND ${sameNote('y', keyOf('NEW'))})`;
  const now = lateRows(table, at('NEW'), table.columns);
  const values = table.columns.map(now.value).join(', ');
  const bytes = rowBytes(table, now.value);
  const written = (how: string) =>
    diff
      ? [
          `${entry([...all, ...olds])} SELECT ${columnMapId}, 'W', ${NOW}, ${size} + ${bytes}${oldBytes}, ${text}, ${how}, ${values}, ${all.map((column) => `x.${column}`).join(', ')}
          FROM ${now.from} LEFT JOIN ${notes} x ON x._signalbox_id = ${lastNote}`,
          cleanUp('NEW'),
        ]
      : [
          `${entry(all)} SELECT ${columnMapId}, 'W', ${NOW}, ${size} + ${bytes}, ${text}, ${how}, ${values} FROM ${now.from}`,
        ];
  const left = (condition: string) =>
    `${entry(keyColumns)} SELECT ${columnMapId}, 'D', ${NOW}, ${size} + ${ENTRY_BYTES}, NULL, 'D', ${keyOf('OLD').join(', ')}
      WHERE ${condition} AND NOT ${exists(keyOf('OLD'))}`;
  const unlessNoted = `NOT EXISTS (SELECT 1 FROM ${notes} x WHERE x._signalbox_table = ${place} AND ${sameNote('x', keyOf('OLD'))})`;
  const moved = differ(key.map(({ name }) => name));
  const others = differ([...key.map(({ name }) => name), ...constraints.flatMap(({ reads }) => reads)]);

  return {
    isRoom: `WHEN ${size} < (SELECT "full" FROM ${quote(names.meter)})`,
    before: {
      insertWhen: `WHEN ${[...conditions.map((condition) => `EXISTS (${selected(condition, () => '1')})`), isUnknown].join(' OR ')}`,
      insert: [...(noting ? [...conditions.map((condition) => note(condition)), prune] : []), recordKeys],
      updateWhen: `WHEN ${[
        ...(diff ? [alwaysReading(constraints.flatMap(({ reads }) => reads))] : noting ? [others] : []),
        ...(view === null ? [] : [view.isChanged]),
        isUnknown,
      ].join(' OR ')}`,
      update: [
        ...(noting ? [note(old), ...conditions.map((condition) => note(condition, `NOT (${at('OLD')})`)), prune] : []),
        recordKeys,
      ],
      delete: [note(old), prune],
    },
    after: {
      insert: [...(noting ? removed : []), ...written("'I'")],
      update: [...(noting ? removed : [left(`(${moved})`)]), ...written(`CASE WHEN ${moved} THEN 'I' ELSE 'U' END`)],
      delete: diff ? [left(unlessNoted), ...removed] : [left('1'), ...(noting ? [cleanUp('OLD')] : [])],
    },
  };
};

/** Rows that a statement may displace: a condition on the table itself, and one on columns that may be missing. */
interface Condition {
  readonly inner: string;
  readonly outer: string | null;
  readonly names: readonly string[];
}

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
