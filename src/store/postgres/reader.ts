/** Reads, on a few connections. Calls of several users take turns. */
import { createQueue, type Ticket } from '../queue.ts';
import { type Connection, createLane, type Lane } from './connection.ts';
import { failureOf } from './failures.ts';
import type { Order } from './write-order.ts';

export interface Reader {
  read<T>(ticket: Ticket, work: (db: Connection) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** How long a read waits for its answer. */
const READ_MS = 30_000;
/** The time limit of a search. */
const SEARCH_MS = 2_000;

export const createReader = (url: string, connections: number, isSearch: boolean, order: Order): Reader => {
  const lanes = Array.from({ length: connections }, () => createLane(url, READ_MS, order));
  const idle: Lane[] = [...lanes];
  const inTurn = createQueue(connections);
  return {
    read: (ticket, work) =>
      inTurn(ticket, async () => {
        const lane = idle.pop() as Lane;
        try {
          return await lane.use((db) => (isSearch ? search(db, work) : work(failing(db, false))));
        } catch (error) {
          throw failureOf(error, isSearch);
        } finally {
          idle.push(lane);
        }
      }),
    close: async () => {
      await Promise.all(lanes.map((lane) => lane.close()));
    },
  };
};

/** PostgreSQL itself ends a statement that takes too long. */
const search = async <T>(db: Connection, work: (db: Connection) => Promise<T>): Promise<T> => {
  await db.script(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${SEARCH_MS}; SET LOCAL jit = off;
    SET LOCAL idle_in_transaction_session_timeout = ${READ_MS}`);
  try {
    return await work(failing(db, true));
  } finally {
    await db.script('ROLLBACK').catch(() => undefined);
  }
};

const failing = (db: Connection, isSearch: boolean): Connection => {
  const fail = (error: unknown): never => {
    throw failureOf(error, isSearch);
  };
  return {
    rows: <R extends object>(statement: Parameters<Connection['rows']>[0]) => db.rows<R>(statement).catch(fail),
    run: (statement) => db.run(statement).catch(fail),
    script: <R extends object>(statements: string) => db.script<R>(statements).catch(fail),
    order: db.order,
  };
};
