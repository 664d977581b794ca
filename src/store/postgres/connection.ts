/**
 * Connections to PostgreSQL through `pg`, which is loaded when the first one is opened. Behind a pooler each
 * transaction may reach another session: settings are made with SET LOCAL, and nothing else is kept in a session.
 */
import type { Client, ClientConfig, QueryArrayConfig } from 'pg';
import type { Sql } from '../sql.ts';
import { isConnectionLost } from './failures.ts';
import { type Order, UNKNOWN_ORDER } from './write-order.ts';

/** Columns have the types of the schema's models: instants and whole numbers are numbers. */
export type Row = Readonly<Record<string, unknown>>;

export interface Connection {
  /** The rows, with the names of their columns in camel case. Errors are those of the driver. */
  rows<R extends object = Row>(statement: Sql): Promise<readonly R[]>;
  /** The number of rows changed. */
  run(statement: Sql): Promise<number>;
  /** Executes statements without parameters, in one round trip. Returns the rows of the last. */
  script<R extends object = Row>(statements: string): Promise<readonly R[]>;
  readonly order: Order;
}

/** One connection, opened when it is needed, and opened again after it was lost. For one task at a time. */
export interface Lane {
  /** `answerMs` limits each statement: see `createLane`. */
  use<T>(work: (db: Connection) => Promise<T>, answerMs?: number): Promise<T>;
  /** The driver's own client, connected: for notifications. */
  client(): Promise<Client>;
  close(): Promise<void>;
}

const CONNECT_MS = 10_000;
/** For a statement that may take long. */
export const ANSWER_MS = 130_000;

/**
 * @param usualMs a statement without an answer for this long means that the connection is lost: more than PostgreSQL
 *   itself allows a statement, so that it is reached only if the server or the network does not answer at all
 */
export const createLane = (url: string, usualMs: number, order: Order = UNKNOWN_ORDER): Lane => {
  let opening: Promise<Client> | undefined;
  const open = async (): Promise<Client> => {
    const { default: pg } = await import('pg');
    const client = new pg.Client(configOf(url, pg));
    const discard = () => {
      if (opening === mine) opening = undefined;
    };
    // An idle connection that is lost reports it here only.
    client.on('error', discard);
    client.on('end', discard);
    const mine = opening;
    await client.connect();
    return client;
  };
  const client = () => {
    opening ??= Promise.resolve()
      .then(open)
      .catch((error) => {
        opening = undefined;
        throw error;
      });
    return opening;
  };
  const discard = async (lost: Client) => {
    opening = undefined;
    await lost.end().catch(() => undefined);
  };
  return {
    client,
    use: async (work, answerMs = usualMs) => {
      const current = await client();
      try {
        return await work(connectionOf(current, answerMs, order));
      } catch (error) {
        if (isConnectionLost(causeOf(error))) void discard(current);
        throw error;
      }
    },
    close: async () => {
      const current = await opening?.catch(() => undefined);
      opening = undefined;
      await current?.end().catch(() => undefined);
    },
  };
};

const causeOf = (error: unknown) => (error as { cause?: unknown }).cause ?? error;

type Driver = typeof import('pg');

const configOf = (url: string, pg: Pick<Driver, 'types'>): ClientConfig => ({
  connectionString: url,
  ...tlsOf(url),
  application_name: 'signalbox',
  connectionTimeoutMillis: CONNECT_MS,
  keepAlive: true,
  keepAliveInitialDelayMillis: CONNECT_MS,
  types: {
    getTypeParser: (oid: number, format?: 'text' | 'binary') =>
      oid === INT8 || oid === NUMERIC ? numberOf : pg.types.getTypeParser(oid, format as 'text'),
  } as NonNullable<ClientConfig['types']>,
});
const INT8 = 20;
const NUMERIC = 1700;

/** All whole numbers of the store are exact as numbers. */
const numberOf = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`the job store has a number that is too large: ${text}`);
  return value;
};

/** Another machine has to prove its name with a certificate, unless the URL specifies `sslmode`. */
const tlsOf = (url: string): Pick<ClientConfig, 'ssl'> => {
  const parsed = URL.parse(url);
  const host = parsed?.searchParams.get('host') ?? parsed?.hostname ?? '';
  const isLocal = host === '' || host.startsWith('/') || ['localhost', '127.0.0.1', '[::1]'].includes(host);
  return isLocal || parsed?.searchParams.has('sslmode') ? {} : { ssl: { rejectUnauthorized: true } };
};

const connectionOf = (client: Client, answerMs: number, order: Order): Connection => {
  const query = async (text: string, values?: unknown[]) => {
    const result = await client.query({
      text,
      rowMode: 'array',
      query_timeout: answerMs,
      ...(values === undefined ? {} : { values }),
    } as QueryArrayConfig);
    // A script has one result for each of its statements.
    const last = Array.isArray(result) ? result[result.length - 1] : result;
    return last as { rows: unknown[][]; fields: readonly { name: string }[]; rowCount: number | null };
  };
  const send = (statement: Sql) => query(statement.text, statement.values.map(parameterOf));
  return {
    rows: async <R extends object>(statement: Sql) => objectsOf<R>(await send(statement)),
    run: async (statement) => (await send(statement)).rowCount ?? 0,
    script: async <R extends object>(statements: string) => objectsOf<R>(await query(statements)),
    order,
  };
};

const objectsOf = <R>({ rows, fields }: { rows: unknown[][]; fields: readonly { name: string }[] }): readonly R[] => {
  const names = fields.map(({ name }) => camelOf(name));
  return rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])) as R);
};

const CAMEL = new Map<string, string>();
const camelOf = (name: string): string => {
  const known = CAMEL.get(name);
  if (known !== undefined) return known;
  const camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  CAMEL.set(name, camel);
  return camel;
};

/** An id that is no number, or larger than any, names no job: it is compared as such, and is no error. */
const parameterOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(parameterOf);
  if (typeof value !== 'number' || Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
  return Number.isNaN(value) ? null : Math.sign(value) * Number.MAX_SAFE_INTEGER;
};
