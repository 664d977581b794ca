/** Reads the log of a feed. */

import type Sqlite from 'better-sqlite3';
import type { Shape } from '../../databases/sqlite/feed/log.ts';
import { afterColumn, beforeColumn, feedNames } from '../../databases/sqlite/feed/names.ts';
import { quote } from '../../databases/sqlite/names.ts';
import type { Owner } from '../../jobs/kind.ts';
import type { Entry } from './message.ts';
import type { SqlValue } from './value.ts';

export interface Page {
  readonly entries: readonly Entry[];
  /** More entries are pending than were requested. */
  readonly full: boolean;
}

export interface Bounds {
  readonly rows: number;
  /** As the log counts them. A page has at least one entry. */
  readonly bytes: number;
}

/** @param at the time of the previous entry: times never go back, whatever a writer's clock says */
export type ReadPage = (after: number, at: number, upTo: number, bounds: Bounds) => Page;

/** Valid as long as the column maps stay the same. */
export const pageReader = (sql: Sqlite.Database, owner: Owner, shapes: readonly Shape[]): ReadPage => {
  const byId = new Map(shapes.map((shape) => [shape.id, shape]));
  const most = Math.max(1, ...shapes.map(({ columns }) => columns.length));
  const diff = shapes.some((shape) => shape.diff);
  const environment = Array.from({ length: most }, (_, place) => place);
  const columns = [...environment.map(afterColumn), ...(diff ? environment.map(beforeColumn) : [])];
  const select = sql
    .prepare(
      `SELECT seq, shape, op, at, size, ${columns.join(', ')} FROM ${quote(feedNames(owner).log)}
       WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?`,
    )
    .raw()
    .safeIntegers();
  const entryOf = (row: readonly SqlValue[], lastAt: number): Entry => {
    const [seq, shapeId, op, at] = row;
    const shape = byId.get(Number(shapeId)) ?? null;
    const after = row.slice(FIXED, FIXED + most);
    // A row that did not exist before has NULL in its key.
    const before = diff ? row.slice(FIXED + most) : null;
    const was = before !== null && shape?.key.some((place) => before[place] !== null) ? before : null;
    return { seq: Number(seq), op: op as Entry['op'], at: Math.max(lastAt, Number(at)), shape, after, before: was };
  };
  return (after, at, upTo, bounds) => {
    const entries: Entry[] = [];
    let first: number | undefined;
    let lastAt = at;
    for (const row of select.iterate(after, upTo, bounds.rows + 1) as Iterable<SqlValue[]>) {
      const size = Number(row[SIZE]);
      first ??= size;
      // The size without the first entry, which is included whatever its size.
      const bytes = size - first;
      if (entries.length > 0 && (entries.length >= bounds.rows || bytes > bounds.bytes)) return { entries, full: true };
      const entry = entryOf(row, lastAt);
      lastAt = entry.at;
      entries.push(entry);
    }
    return { entries, full: false };
  };
};

const FIXED = 5;
const SIZE = 4;
