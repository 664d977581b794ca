/**
 * What a schema change comes to when it is made by hand: a table is made in the new shape, INSERT … SELECT fills it, the
 * old one is dropped, and the new one takes its name. A table here is data, so that nothing of the code under test has a
 * part in it.
 */
import Sqlite from 'better-sqlite3';

export interface HandColumn {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly default: string | null;
  readonly nocase: boolean;
  readonly unique: boolean;
  /** What it was called at the beginning; null: it is new. */
  readonly from: string | null;
}

interface HandIndex {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly descending: boolean }[];
  readonly unique: boolean;
  /** The column whose NULLs are left out. */
  readonly where: string | null;
}

export interface HandTable {
  readonly columns: readonly HandColumn[];
  /** The first column as INTEGER PRIMARY KEY, with AUTOINCREMENT, as any PRIMARY KEY; the first two WITHOUT ROWID. */
  readonly key: 'none' | 'rowid' | 'counted' | 'plain' | 'without rowid';
  readonly strict: boolean;
  readonly indexes: readonly HandIndex[];
  /** A column computed from the second. */
  readonly generated: 'none' | 'virtual' | 'stored';
  /** A CHECK on the second. */
  readonly checked: boolean;
}

/** It cannot be made. */
class Refused extends Error {}

const q = (name: string) => `"${name.replaceAll('"', '""')}"`;
const fold = (name: string) => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
const isSame = (one: string, other: string) => fold(one) === fold(other);

export const createText = (table: HandTable, name: string): string => {
  const { columns, key, strict, generated, checked } = table;
  const second = q(columns.find(({ from }) => from === SECOND)?.name ?? '');
  const lines = columns.map((column, i) =>
    [
      q(column.name),
      column.type,
      ...(i > 0 || key === 'none' || key === 'without rowid' ? [] : ['PRIMARY KEY']),
      ...(i === 0 && key === 'counted' ? ['AUTOINCREMENT'] : []),
      ...(column.notNull ? ['NOT NULL'] : []),
      ...(column.default === null ? [] : [`DEFAULT ${column.default}`]),
      ...(column.nocase ? ['COLLATE NOCASE'] : []),
      ...(column.unique ? ['UNIQUE'] : []),
    ].join(' '),
  );
  // Columns that are added come behind all others.
  const old = columns.filter(({ from }) => from !== null).length;
  if (generated !== 'none') lines.splice(old, 0, `made TEXT AS (typeof(${second})) ${generated.toUpperCase()}`);
  if (key === 'without rowid') {
    const keys = columns.slice(0, 2).map((column) => q(column.name));
    lines.push(`PRIMARY KEY (${keys.join(', ')})`);
  }
  if (checked) lines.push(`CONSTRAINT fine CHECK (${second} IS NOT 13)`);
  const options = [...(key === 'without rowid' ? ['WITHOUT ROWID'] : []), ...(strict ? ['STRICT'] : [])].join(', ');
  return `CREATE TABLE ${q(name)} (${lines.join(', ')}) ${options}`;
};

/** The column that the others of a table hang on is made with this name. */
export const SECOND = 'two';

export const indexText = ({ name, columns, unique, where }: HandIndex, table: string): string =>
  `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${q(name)} ON ${q(table)} (${columns
    .map((column) => `${q(column.name)}${column.descending ? ' DESC' : ''}`)
    .join(', ')})${where === null ? '' : ` WHERE ${q(where)} IS NOT NULL`}`;

/** Makes the changes in a database that has the table. False when they cannot be made: then nothing has changed. */
export const changeByHand = (
  sql: Sqlite.Database,
  table: HandTable,
  name: string,
  changes: readonly HandChange[],
): boolean => {
  try {
    sql.transaction(() => {
      const after = changes.reduce(changed, table);
      sql.exec(createText(after, '_new'));
      const kept = after.columns.filter(({ from }) => from !== null);
      const [into, from] = [kept.map((column) => q(column.name)), kept.map((column) => q(column.from ?? ''))];
      const isRowid = table.key === 'none' || table.key === 'plain';
      if (isRowid) for (const list of [into, from]) list.unshift('_rowid_');
      sql.exec(`INSERT INTO _new (${into.join(', ')}) SELECT ${from.join(', ')} FROM ${q(name)}`);
      for (const column of kept) checkKept(sql, table, column, name, isRowid);
      sql.pragma('defer_foreign_keys = ON');
      sql.exec(`DROP TABLE ${q(name)}; ALTER TABLE _new RENAME TO ${q(name)}`);
      for (const index of after.indexes) sql.exec(indexText(index, name));
    })();
    return true;
  } catch (error) {
    if (error instanceof Refused || error instanceof Sqlite.SqliteError) return false;
    throw error;
  }
};

/** As it is asked for. */
export type HandChange =
  | { readonly addColumn: { readonly table: string; readonly column: Asked } }
  | { readonly dropColumn: { readonly table: string; readonly column: string } }
  | { readonly renameColumn: { readonly table: string; readonly column: string; readonly to: string } }
  | { readonly alterColumn: Altering & { readonly table: string; readonly column: string } }
  | { readonly createIndex: Indexing & { readonly table: string } }
  | { readonly dropIndex: { readonly table: string; readonly name: string } };

const changed = (table: HandTable, change: HandChange): HandTable => {
  if ('addColumn' in change) return added(table, change.addColumn.column);
  if ('dropColumn' in change) return dropped(table, find(table, change.dropColumn.column));
  if ('renameColumn' in change) return renamed(table, find(table, change.renameColumn.column), change.renameColumn.to);
  if ('alterColumn' in change) return altered(table, find(table, change.alterColumn.column), change.alterColumn);
  return 'createIndex' in change ? indexed(table, change.createIndex) : unindexed(table, change.dropIndex.name);
};

const refuseIf = (is: boolean) => {
  if (is) throw new Refused();
};

const find = ({ columns }: HandTable, name: string): HandColumn => {
  const column = columns.find((one) => isSame(one.name, name));
  if (column === undefined) throw new Refused();
  return column;
};

const isTaken = ({ columns, generated }: HandTable, name: string) =>
  columns.some((column) => isSame(column.name, name)) || (generated !== 'none' && isSame('made', name));

interface Asked {
  readonly name: string;
  readonly type: string;
  readonly nullable?: boolean | undefined;
  readonly default?: string | null | undefined;
}

const added = (table: HandTable, { name, type, nullable, default: text }: Asked): HandTable => {
  refuseIf(isTaken(table, name));
  const column = { name, type, notNull: nullable === false, default: text ?? null };
  return { ...table, columns: [...table.columns, { ...column, nocase: false, unique: false, from: null }] };
};

const isInKey = ({ key, columns }: HandTable, column: HandColumn): boolean =>
  key !== 'none' && columns.indexOf(column) < (key === 'without rowid' ? 2 : 1);

const dropped = (table: HandTable, column: HandColumn): HandTable => {
  const isUsed = table.indexes.some(
    ({ columns, where }) => where === column.name || columns.some(({ name }) => name === column.name),
  );
  const isNeeded = column.from === SECOND && (table.checked || table.generated !== 'none');
  refuseIf(isUsed || isNeeded || column.unique || isInKey(table, column) || table.columns.length === 1);
  return { ...table, columns: table.columns.filter((one) => one !== column) };
};

const renamed = (table: HandTable, column: HandColumn, to: string): HandTable => {
  refuseIf(!isSame(column.name, to) && isTaken(table, to));
  const now = (name: string) => (name === column.name ? to : name);
  return {
    ...table,
    columns: table.columns.map((one) => ({ ...one, name: now(one.name) })),
    indexes: table.indexes.map((index) => ({
      ...index,
      columns: index.columns.map((part) => ({ ...part, name: now(part.name) })),
      where: index.where === null ? null : now(index.where),
    })),
  };
};

interface Altering {
  readonly type?: string;
  readonly nullable?: boolean | undefined;
  readonly default?: string;
  readonly dropDefault?: boolean;
}

const altered = (table: HandTable, column: HandColumn, { type, nullable, default: text, dropDefault }: Altering) => {
  if (isInKey(table, column) && type !== undefined) {
    const isRowid = (name: string) => table.key !== 'without rowid' && /^integer$/i.test(name);
    refuseIf(isRowid(type) !== isRowid(column.type));
    refuseIf(table.key === 'without rowid' && affinity(type, table.strict) !== affinity(column.type, table.strict));
  }
  // SQLite has NOT NULL there, said or not.
  const isNeverNull = table.key === 'without rowid' || (table.key === 'plain' && table.strict);
  refuseIf(isNeverNull && isInKey(table, column) && nullable === true);
  const after: HandColumn = {
    ...column,
    type: type ?? column.type,
    notNull: nullable === undefined ? column.notNull : !nullable,
    default: dropDefault ? null : (text ?? column.default),
  };
  return { ...table, columns: table.columns.map((one) => (one === column ? after : one)) };
};

interface Indexing {
  readonly name: string;
  readonly columns: readonly string[];
  readonly unique?: boolean;
}

const indexed = (table: HandTable, { name, columns, unique }: Indexing): HandTable => {
  refuseIf(table.indexes.some((index) => isSame(index.name, name)));
  const found = columns.map((column) => ({ name: find(table, column).name, descending: false }));
  refuseIf(new Set(found.map((column) => column.name)).size < found.length);
  return { ...table, indexes: [...table.indexes, { name, columns: found, unique: unique === true, where: null }] };
};

const unindexed = (table: HandTable, name: string): HandTable => {
  const indexes = table.indexes.filter((index) => !isSame(index.name, name));
  refuseIf(indexes.length === table.indexes.length);
  return { ...table, indexes };
};

/** SQLite's rules of affinity, in their own order. */
const affinity = (type: string, strict: boolean): string => {
  if (strict && /^any$/i.test(type)) return 'any';
  if (/int/i.test(type)) return 'integer';
  if (/char|clob|text/i.test(type)) return 'text';
  if (/blob/i.test(type) || type === '') return 'any';
  return /real|floa|doub/i.test(type) ? 'real' : 'numeric';
};

/** Where a column has another type, each value has to be one of that type, and the one that it was. */
const checkKept = (sql: Sqlite.Database, table: HandTable, column: HandColumn, name: string, isRowid: boolean) => {
  const before = table.columns.find((one) => one.name === column.from);
  const [was, is] = [affinity(before?.type ?? '', table.strict), affinity(column.type, table.strict)];
  if (was === is || is === 'any') return;
  const keys = table.columns.slice(0, table.key === 'without rowid' ? 2 : 1);
  const order = isRowid ? '_rowid_' : keys.map((one) => q(one.name)).join(', ');
  const values = (from: string, what: string, by: string) =>
    sql
      .prepare(`SELECT typeof(${q(what)}), ${q(what)} FROM ${q(from)} ORDER BY ${by}`)
      .raw()
      .safeIntegers()
      .all() as Typed[];
  const old = values(name, column.from ?? '', order);
  // The keys are the same, under the names that they have then.
  const now = values('_new', column.name, isRowid ? '_rowid_' : newOrder(sql));
  for (const [i, [type, value]] of now.entries()) refuseIf(!isKept(old[i] as Typed, [type, value], is));
};

const newOrder = (sql: Sqlite.Database): string => {
  const names = sql
    .prepare("SELECT name FROM pragma_table_info('_new') WHERE pk > 0 ORDER BY pk")
    .pluck()
    .all() as string[];
  return names.map(q).join(', ');
};

type Typed = readonly [type: string, value: unknown];

const TYPES: Readonly<Record<string, readonly string[]>> = {
  integer: ['integer'],
  real: ['real'],
  numeric: ['integer', 'real'],
  text: ['text'],
};

const isKept = ([was, old]: Typed, [is, now]: Typed, wanted: string): boolean => {
  if (was === 'null') return is === 'null';
  if (!TYPES[wanted]?.includes(is)) return false;
  if (was === is) return true;
  if (is === 'text') return was === 'integer' ? String(old) === now : Number(now) === old;
  if (was === 'text') return isNumberKept(String(old), now as number | bigint);
  return was === 'integer' ? BigInt(now as number) === old : Number(now) === old;
};

/** A whole number exactly, beyond 64 bits never as a REAL; with a point or an exponent what fifteen digits say, or what SQLite would write the same. */
const isNumberKept = (text: string, now: number | bigint): boolean => {
  const plain = text.trim();
  if (/^[+-]?\d+$/.test(plain)) {
    const whole = BigInt(plain);
    const isShort = whole > -(2n ** 63n) && whole < 2n ** 63n;
    if (typeof now === 'bigint' ? whole === now : isShort && whole === BigInt(now)) return true;
  }
  const digits = (/^[+-]?([\d.]*)/.exec(plain)?.[1] ?? '').replace('.', '').replace(/^0+|0+$/g, '');
  return (digits.length <= 15 && Number.isFinite(Number(now))) || (typeof now === 'number' && String(now) === plain);
};
