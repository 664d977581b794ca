/**
 * Copies a job store into an empty one, of any kind. Cursors, ids and the identity of the store stay the same: clients
 * continue after the cursors that they have, and jobs find what they left in their targets.
 *
 * Both stores have the same tables: those of the schema. They are listed by the stores themselves, so that none is
 * forgotten. Columns that only one of them has are those of `OWN`.
 */
export type Value = string | number | null;
export type TableRow = Readonly<Record<string, Value>>;

/** The numbers that a store hands out, by table and column. */
export const NUMBERED = ['Job.id', 'Job.revision', 'Event.cursor', 'AuditEvent.cursor', 'ExecutionError.id'] as const;
export type Numbered = (typeof NUMBERED)[number];

/** A store as tables, while no server uses it. Names are those of the models in the schema; flags are 0 or 1. */
export interface TableStore {
  /** The columns of each table, those that others refer to first. */
  columns(): Promise<Readonly<Record<string, readonly string[]>>>;
  rows(table: string): AsyncIterable<readonly TableRow[]>;
  insert(table: string, columns: readonly string[], rows: readonly TableRow[]): Promise<void>;
  /** The greatest number that was ever handed out. */
  lastNumber(of: Numbered): Promise<number>;
  setLastNumber(of: Numbered, value: number): Promise<void>;
  /** Keeps what was inserted. Until then, a store that is written to is as before. */
  commit(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a store, and migrates one that is to be written. @throws Error if a server uses it */
export type OpenTables = (options: {
  readonly url: string;
  readonly migrations: string;
  /** `target`: it is created, or must be empty. */
  readonly as: 'source' | 'target';
}) => Promise<TableStore>;

/** Columns that only some stores have. A store that has them fills them itself when they are not copied. */
const OWN: ReadonlySet<string> = new Set([
  'Job.node',
  'Database.node',
  'Schedule.node',
  'WorkerSession.node',
  'WorkerSession.version',
  'Counters.lastJobId',
  'Counters.usersRevision',
  'Counters.removals',
  'Counters.readableBy',
  'Counters.writeOrder',
  'Counters.timeline',
  'Counters.lost',
]);

export interface CopyOptions {
  readonly from: TableStore;
  readonly to: TableStore;
  /** Changes a row on its way, by table. */
  readonly change?: Readonly<Record<string, (row: TableRow) => TableRow>>;
  readonly onTable?: (table: string, rows: number) => void;
}

/** @throws Error, and copies nothing, if one of the stores has something that the other has no place for */
export const copyTables = async ({ from, to, change = {}, onTable }: CopyOptions): Promise<void> => {
  const [source, target] = [await from.columns(), await to.columns()];
  requireSame(Object.keys(source), Object.keys(target), 'table', () => false);
  for (const [table, columns] of Object.entries(target)) {
    requireSame(source[table] ?? [], columns, `column of ${table}`, (column) => OWN.has(`${table}.${column}`));
  }
  for (const [table, columns] of Object.entries(target)) {
    const changed = change[table] ?? ((row: TableRow) => row);
    let count = 0;
    for await (const rows of from.rows(table)) {
      const given = rows.map(changed);
      const common = columns.filter((column) => given.some((row) => row[column] !== undefined));
      await to.insert(table, common, given);
      count += rows.length;
    }
    onTable?.(table, count);
  }
  for (const numbered of NUMBERED) await to.setLastNumber(numbered, await from.lastNumber(numbered));
  await to.commit();
};

const requireSame = (
  source: readonly string[],
  target: readonly string[],
  what: string,
  isOwn: (name: string) => boolean,
) => {
  const only = [...source.filter((name) => !target.includes(name)), ...target.filter((name) => !source.includes(name))];
  const unknown = only.find((name) => !isOwn(name));
  if (unknown !== undefined) throw new Error(`the ${what} ${unknown} is in one of the stores only`);
};
