import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { type AppOptions, startApp as start } from '../../src/app/app.ts';
import { readConfig } from '../../src/config.ts';
import { RETRY, type Retry } from '../../src/jobs/retry.ts';
import { graphql } from '../generated/gql.ts';
import { storeOf } from './store.ts';

interface Options {
  /** A folder that is kept, to start again on; left out: a new one, removed at the end. */
  readonly dataDir?: string;
  readonly kinds?: AppOptions['kinds'];
  readonly settings?: Readonly<Record<string, string>>;
  readonly retry?: Partial<Retry>;
  /** The server's clock. */
  readonly now?: () => number;
  /** The store in threads of its own, as in production; left out: in the test's thread, which starts much sooner. */
  readonly storeThreads?: boolean;
  /** The embedded store, whatever STORE says. */
  readonly embedded?: boolean;
  /** Takes what the server logs, a line of JSON each. */
  readonly logLines?: string[];
}

export interface Failure {
  readonly message: string;
  readonly extensions: { readonly code: string; readonly field?: string };
}

/** Fields that are null because there is nothing, rather than because they were refused. */
type Absent = 'job' | 'node' | 'database' | 'backup';
/** Fields of jobs that are null only where an error says why. */
type Refusable = 'events' | 'executionErrors' | 'blockedBy' | 'rejects';

/** The data of an operation without errors: what could have been refused is there. */
type Answer<R> = { [K in keyof R]: Inner<K extends Absent ? R[K] : NonNullable<R[K]>> };
type Inner<T> = T extends readonly (infer E)[]
  ? Inner<E>[]
  : T extends object
    ? { [K in keyof T]: Inner<K extends Refusable ? NonNullable<T[K]> : T[K]> }
    : T;

export type TestApp = Awaited<ReturnType<typeof startApp>>;

/** The whole server on a free port and a data folder of its own. `await using app = await startApp()` ends it. */
export const startApp = async ({
  dataDir,
  kinds = [],
  settings = {},
  retry = {},
  now,
  logLines,
  storeThreads = false,
  embedded = process.env.STORE !== 'postgres',
}: Options = {}) => {
  const folder = dataDir ?? mkdtempSync(join(tmpdir(), 'signalbox-'));
  const database = await storeOf(folder, embedded);
  const config = readConfig({
    HOST: '127.0.0.1',
    PORT: '0',
    DATA_DIR: join(folder, 'data'),
    WORKERS: '2',
    ...database.settings,
    ...settings,
  });
  const lost: Error[] = [];
  const app = await start({
    config,
    log: logTo(logLines),
    kinds,
    retry: { ...RETRY, firstWaitMs: 10, ...retry },
    // Tests move the time of a store by the times that they pass to it.
    ...(now === undefined && embedded ? {} : { now: now ?? Date.now }),
    storeThreads,
    onLost: (error) => lost.push(error),
  });
  const clients = new Set<Client>();
  const connect = (user = 'root') => {
    const client = createClient({
      url: app.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { user },
      lazy: true,
      retryAttempts: 0,
    });
    clients.add(client);
    return client;
  };

  const send = async (body: unknown, user = 'root') => {
    const response = await fetch(app.url, {
      method: 'POST',
      // A connection that was kept while a test blocked its thread may have been closed in the meantime.
      headers: { 'content-type': 'application/json', 'x-signalbox-user': user, connection: 'close' },
      body: JSON.stringify(body),
    });
    return (await response.json()) as { data?: unknown; errors?: Failure[] };
  };

  const stop = async () => {
    await Promise.all([...clients].map((client) => client.dispose()));
    await app.stop();
  };

  return {
    url: app.url,
    /** With the setting SQL_PORT. */
    sqlPort: app.sqlPort ?? 0,
    store: app.store,
    create: app.create,
    dataDir: config.dataDir,
    lost,
    connect,
    send,
    stop,
    /** The data of an operation; its errors are thrown. */
    execute: async <R, V>(document: TypedDocumentNode<R, V>, variables?: V, user = 'root'): Promise<Answer<R>> => {
      const { data, errors } = await send({ query: print(document), variables }, user);
      if (errors !== undefined) throw Object.assign(new Error(errors[0]?.message), { failure: errors[0] });
      return data as Answer<R>;
    },
    /** The first error of an operation that has to fail. */
    refuse: async <R, V>(document: TypedDocumentNode<R, V>, variables?: V, user = 'root'): Promise<Failure> => {
      const { data, errors } = await send({ query: print(document), variables }, user);
      if (errors?.[0] === undefined) throw new Error(`nothing was refused: ${JSON.stringify(data)}`);
      return errors[0];
    },
    /** What a subscription brings, over a WebSocket of its own. */
    subscribe: <R, V extends Record<string, unknown>>(
      document: TypedDocumentNode<R, V>,
      variables?: V,
      user = 'root',
    ) => streamOf<R>(connect(user), print(document), variables),
    [Symbol.asyncDispose]: async () => {
      await stop();
      if (dataDir !== undefined) return;
      rmSync(folder, { recursive: true, force: true });
      await database.remove();
    },
  };
};

const logTo = (lines: string[] | undefined) =>
  lines === undefined
    ? pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' })
    : pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });

const streamOf = <R>(client: Client, query: string, variables?: Record<string, unknown>) => {
  const iterator = client.iterate<R>({ query, ...(variables === undefined ? {} : { variables }) });
  const next = async (): Promise<R> => {
    const { value, done } = await iterator.next();
    if (done === true) throw new Error('the stream has ended');
    if (value.errors !== undefined) throw new Error(value.errors[0]?.message);
    return value.data as R;
  };
  return {
    next,
    /** All until, and with, the first that is wanted. */
    until: async (wanted: (data: R) => boolean): Promise<R[]> => {
      const seen: R[] = [];
      for (;;) {
        const data = await next();
        seen.push(data);
        if (wanted(data)) return seen;
      }
    },
    [Symbol.asyncDispose]: async () => {
      await iterator.return?.();
      await client.dispose();
    },
  };
};

const CHANGES = graphql(/* GraphQL */ `
  subscription Changes($after: Cursor) {
    jobStatusChanged(after: $after) {
      cursor
      jobId
      from
      to
      command
      commandId
      reason
      error
      actor {
        kind
        name
      }
    }
  }
`);

/** Every change of status after the start of the log, as a listener gets them. */
export const changesOf = (app: TestApp, user = 'root', after = '0000000000000000') => {
  const stream = app.subscribe(CHANGES, { after }, user);
  const seen: { jobId: string; from: string | null | undefined; to: string }[] = [];
  return {
    seen,
    /** Waits until a job comes to stand so, now or in events already received. */
    reaches: async (jobId: string, status: string, times = 1) => {
      const count = () => seen.filter((change) => change.jobId === jobId && change.to === status).length;
      while (count() < times) seen.push((await stream.next()).jobStatusChanged);
    },
    /** Waits until a job has ended, and returns how. */
    ends: async (jobId: string) => {
      const ended = () =>
        seen.find(({ jobId: id, to }) => id === jobId && /^(SUCCEEDED|FAILED|CANCELED)$/.test(to))?.to;
      while (ended() === undefined) seen.push((await stream.next()).jobStatusChanged);
      return ended();
    },
    statusesOf: (jobId: string) => seen.filter((change) => change.jobId === jobId).map(({ to }) => to),
    [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose](),
  };
};
