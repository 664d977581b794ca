/** Cursors that a connection has declared. */

import type { Row } from '../columns.ts';
import { sqlError } from '../errors.ts';
import type { Answer, Cursors } from '../session.ts';
import { createPortal, type Portal } from './portal.ts';

const MOST_CURSORS = 100;

export const createCursors = (): Cursors => {
  const portals = new Map<string, Portal>();
  const named = (name: string): Portal => {
    const portal = portals.get(name);
    if (portal !== undefined) return portal;
    throw sqlError('undefinedPortal', `cursor ${JSON.stringify(name)} does not exist`);
  };
  return {
    declare: (name, answer) => {
      if (answer.columns === null) throw sqlError('notSupported', 'a cursor is for a statement that returns rows');
      if (portals.has(name)) throw sqlError('duplicateCursor', `cursor ${JSON.stringify(name)} already exists`);
      if (portals.size >= MOST_CURSORS) throw sqlError('tooMany', `a connection keeps at most ${MOST_CURSORS} cursors`);
      portals.set(name, createPortal(answer));
    },
    fetch: (name, count, signal): Answer => {
      const portal = named(name);
      return {
        columns: portal.answer.columns,
        rows: count === 0 ? [] : rowsOf(portal, count ?? 0, signal),
        tag: (rows) => `FETCH ${rows}`,
        jobs: [],
      };
    },
    close: (name) => {
      if (name === null) {
        for (const portal of portals.values()) portal.close();
        portals.clear();
        return;
      }
      named(name).close();
      portals.delete(name);
    },
  };
};

async function* rowsOf(portal: Portal, count: number, signal: AbortSignal): AsyncGenerator<Row> {
  for (let read = 0; count === 0 || read < count; read += 1) {
    const rows: Row[] = [];
    const hasMore = await portal.read(1, signal, (row) => void rows.push(row));
    yield* rows;
    if (!hasMore) return;
  }
}
