/**
 * Handles a change of the catalogue. Inspects each watched table, and recreates its triggers if its columns, its key or
 * its unique indexes have changed.
 *
 * Between the change and this point, the old triggers were active. Their entries lack added columns: those rows are
 * emitted again in their current state. They also did not know a new unique index, so rows that a REPLACE displaced
 * through it were not logged. If anything was written in that time, the feed fails instead of losing changes silently.
 */

import type Sqlite from 'better-sqlite3';
import { readShapes, type Shape } from '../../databases/sqlite/feed/log.ts';
import { feedNames } from '../../databases/sqlite/feed/names.ts';
import { lookAt, recreateTriggers } from '../../databases/sqlite/feed/recreate-triggers.ts';
import { TableError } from '../../databases/sqlite/feed/table.ts';
import { quote } from '../../databases/sqlite/names.ts';
import type { Owner } from '../../jobs/kind.ts';
import type { Copy } from './details.ts';
import { change, type Feed, reload, type Steps } from './feed.ts';

export async function* adapt(feed: Feed): Steps {
  const { sql } = feed.target;
  const owner = feed.work.claim;
  let version: number | null = null;
  let missed: string | null = null;
  let gone: Feed['gone'] = null;
  yield* change(feed, 'looking at the tables', (state) => {
    const { newest } = feed.readMeter();
    const copies: Copy[] = [];
    // In that phase the feed has already dropped its own triggers.
    const environment = state.phase === 'ending' ? [] : feed.work.details.tables.keys();
    for (const place of environment) {
      const shape = newestOf(sql, owner, place);
      const became = lookAt(sql, owner, shape);
      if (became.now === 'gone') gone ??= { said: became.said, upTo: newest };
      if (became.now !== 'changed') continue;
      const made = remakeIt(sql, owner, shape);
      if (typeof made === 'string') {
        gone ??= { said: made, upTo: newest };
        continue;
      }
      if (!isWritten(sql, owner, place, feed.seen)) continue;
      if (made.columns.some((column) => !shape.columns.includes(column))) {
        copies.push({ what: 'entries', place, from: feed.seen, to: newest });
      }
      if (made.uniques.some((unique) => !shape.uniques.includes(unique))) missed ??= shape.table;
    }
    version = sql.pragma('schema_version', { simple: true }) as number;
    return { ...state, copy: [...state.copy, ...copies] };
  });
  feed.schemaVersion = version;
  feed.gone = gone;
  reload(feed);
  if (missed !== null) {
    throw new Error(
      `a unique index was made on table ${JSON.stringify(missed)} while rows were written to it: ` +
        'a row that a REPLACE pushed out through it may have been missed',
    );
  }
}

const newestOf = (sql: Sqlite.Database, owner: Owner, place: number): Shape => {
  const shape = readShapes(sql, owner).findLast((known) => known.place === place);
  if (shape === undefined) throw new Error(`the feed has lost what it knew of its table ${place}`);
  return shape;
};

const remakeIt = (sql: Sqlite.Database, owner: Owner, shape: Shape): Shape | string => {
  sql.exec('SAVEPOINT _signalbox_remake');
  try {
    return recreateTriggers(sql, owner, shape);
  } catch (error) {
    if (!(error instanceof TableError)) throw error;
    sql.exec('ROLLBACK TO _signalbox_remake');
    return error.message;
  } finally {
    if (sql.inTransaction) sql.exec('RELEASE _signalbox_remake');
  }
};

/** Whether a row of the table was written after a log entry. */
const isWritten = (sql: Sqlite.Database, owner: Owner, place: number, behind: number): boolean => {
  const { log, shapes } = feedNames(owner);
  const find = sql.prepare(
    `SELECT 1 FROM ${quote(log)} WHERE seq > ? AND op = 'W' AND shape IN
     (SELECT id FROM ${quote(shapes)} WHERE json_extract(shape, '$.place') = ?) LIMIT 1`,
  );
  return find.get(behind, place) !== undefined;
};
