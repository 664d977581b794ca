/** Another process that writes to the table of an import, once per row, and what has to be there after a cancel. */
import type Sqlite from 'better-sqlite3';
import { IDS, isOurs } from './plan.ts';
import type { Random } from './random.ts';

type Row = Readonly<Record<'id' | 'name' | 'v' | 'note', unknown>>;

export interface Writer {
  /** Writes to one row, in one transaction. */
  write(): void;
  /** What `SELECT id, name, v, note FROM t ORDER BY id` has to return after the cancel. */
  expected(): readonly Row[];
}

const KEYS_MOVED_BY = 1_000_000;

/** @param sql the table as it was before the import */
export const createWriter = (sql: Sqlite.Database, random: Random): Writer => {
  const isKey = sql.prepare("SELECT 1 FROM pragma_table_info('t') WHERE name = 'id' AND pk > 0").get() !== undefined;
  const find = sql.prepare('SELECT id, name, v, note FROM t WHERE id = ?');
  const all = sql.prepare('SELECT id, name, v, note FROM t ORDER BY id');
  const before = new Map((all.all() as Row[]).map((row) => [row.id as number, row]));
  const rows = new Map(before);
  const written = new Set<number>();
  const read = (id: number) => find.get(id) as Row | undefined;
  const remove = sql.prepare('DELETE FROM t WHERE id = ?');
  const update = sql.prepare("UPDATE t SET note = 'theirs' WHERE id = ?");
  const move = sql.prepare("UPDATE t SET id = id + ?, name = name || ' moved' WHERE id = ?");
  const replace = sql.prepare("REPLACE INTO t (id, name, v, note) VALUES (?, ?, -1, 'theirs')");

  const actions: Readonly<Record<string, (id: number) => void>> = {
    remove: (id) => {
      remove.run(id);
      rows.delete(id);
    },
    update: (id) => {
      update.run(id);
      const row = read(id);
      // A row that the import inserted is removed, whatever it contains by then.
      if (row !== undefined && before.has(id)) rows.set(id, row);
    },
    move: (id) => {
      move.run(KEYS_MOVED_BY, id);
      const row = read(id + KEYS_MOVED_BY);
      rows.delete(id);
      // Under another key, a row that the import inserted belongs to the writer.
      if (row !== undefined && (isKey || before.has(id))) rows.set(id + KEYS_MOVED_BY, row);
    },
    replace: (id) => {
      const { name } = read(id) ?? { name: `name ${id}` };
      replace.run(id, name);
      rows.set(id, read(id) as Row);
    },
  };
  const transaction = sql.transaction((work: () => void) => work());
  return {
    write: () => {
      const id = 1 + random.below(IDS);
      if (isOurs(id) || written.has(id)) return;
      written.add(id);
      const action = actions[random.pick(Object.keys(actions))];
      transaction.immediate(() => action?.(id));
    },
    expected: () => [...rows.values()].sort((a, b) => (a.id as number) - (b.id as number)),
  };
};
