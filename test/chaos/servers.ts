/** Servers as processes of their own, as `npm start` starts them, on one job store on PostgreSQL. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { createPostgresDatabase } from '../support/postgres.ts';
import { type Launched, launch, temporaryFolder } from '../support/process.ts';

export const LEASE_SECONDS = 4;
const KINDS = resolve('test', 'chaos', 'kinds.mjs');
const SKEW = resolve('test', 'chaos', 'skew.mjs');

type Settings = Readonly<Record<string, string>>;

export interface Server extends Launched {
  readonly node: string;
  /** Stops the process, and those that it has started, as if the machine stood still. */
  freeze(): void;
  thaw(): void;
}

/** Folders that servers with FILES_SHARED=true have in common. */
const SHARED = ['databases', 'files', 'work', 'rejects', 'uploads'];

export const createServers = async (url?: string) => {
  const folder = temporaryFolder();
  const database = url === undefined ? await createPostgresDatabase() : null;
  const storeUrl = url ?? database?.url ?? '';
  const running = new Set<Server>();
  const shared = join(folder.path, 'shared');
  const dataDirOf = (node: string) => {
    const dataDir = join(folder.path, node);
    mkdirSync(dataDir, { recursive: true });
    for (const name of SHARED) {
      mkdirSync(join(shared, name), { recursive: true });
      try {
        symlinkSync(join(shared, name), join(dataDir, name));
      } catch {
        // It is started again.
      }
    }
    return dataDir;
  };
  const start = async (node: string, settings: Settings = {}): Promise<Server> => {
    const command = ['--max-semi-space-size=8', '--import', SKEW, 'scripts/start.mjs', '--kinds', KINDS];
    const launched = await launch(dataDirOf(node), command, {
      DATABASE_URL: storeUrl,
      NODE_NAME: node,
      FILES_SHARED: 'true',
      SIGNALBOX_SECRET: 'the secret of all servers',
      LEASE_SECONDS: String(LEASE_SECONDS),
      MAX_REQUESTS_PER_SECOND: '1000000',
      ALLOW_PRIVATE_HOSTS: '127.0.0.1',
      ...settings,
    });
    const pid = launched.process.pid ?? 0;
    const signal = (name: NodeJS.Signals) => {
      for (const one of [pid, ...childrenOf(pid)]) process.kill(one, name);
    };
    const server: Server = {
      ...launched,
      node,
      freeze: () => signal('SIGSTOP'),
      thaw: () => signal('SIGCONT'),
    };
    running.add(server);
    void launched.ended.then(() => running.delete(server));
    return server;
  };
  return {
    storeUrl,
    shared,
    start,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(
        [...running].map((server) => {
          server.thaw();
          return server.kill();
        }),
      );
      folder[Symbol.dispose]();
      await database?.drop();
    },
  };
};

const childrenOf = (pid: number): readonly number[] => {
  try {
    return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line !== '')
      .map(Number);
  } catch {
    return [];
  }
};

export interface Change {
  readonly cursor: string;
  readonly jobId: string;
  readonly to: string;
}

/** The cursor before the first event. */
export const START = '0'.repeat(16);

/** Listens to all changes of jobs, from a cursor on. */
export const listen = (server: Pick<Server, 'url'>, after: string | null = null) => {
  const client = createClient({
    url: server.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { user: 'root' },
    retryAttempts: 0,
  });
  const seen: Change[] = [];
  const waiting = new Set<() => void>();
  const connected = new Promise<void>((done) =>
    client.on('message', ({ type }) => type === 'connection_ack' && done()),
  );
  client.subscribe<{ jobStatusChanged: Change }>(
    { query: SUBSCRIPTION, variables: { after } },
    {
      next: ({ data }) => {
        if (data === undefined || data === null) return;
        seen.push(data.jobStatusChanged);
        for (const look of waiting) look();
      },
      error: () => undefined,
      complete: () => undefined,
    },
  );
  const until = (matches: (change: Change) => boolean) =>
    new Promise<Change>((done) => {
      const look = () => {
        const found = seen.find(matches);
        if (found === undefined) return;
        waiting.delete(look);
        done(found);
      };
      waiting.add(look);
      look();
    });
  return {
    seen,
    connected,
    until,
    reaches: (jobId: string, status: string) => until((change) => change.jobId === jobId && change.to === status),
    statusesOf: (jobId: string) => seen.filter((change) => change.jobId === jobId).map(({ to }) => to),
    [Symbol.asyncDispose]: async () => client.dispose(),
  };
};
const SUBSCRIPTION = 'subscription ($after: Cursor) { jobStatusChanged(after: $after) { cursor jobId to } }';

export interface Job {
  readonly status: string;
  readonly attempts: number;
  readonly fractionCompleted: number;
  readonly coordinator: string | null;
  readonly error: string | null;
}

export const jobOf = async (server: Pick<Server, 'send'>, id: string): Promise<Job> =>
  (
    await server.send('query ($id: ID!) { job(id: $id) { status attempts fractionCompleted coordinator error } }', {
      id,
    })
  ).job as unknown as Job;

/** Reads a job until it is as wanted, as a person who reloads a page would. */
export const jobWhen = async (
  server: Pick<Server, 'send'>,
  id: string,
  wanted: (job: Job) => boolean,
): Promise<Job> => {
  for (;;) {
    const job = await jobOf(server, id);
    if (wanted(job)) return job;
    await new Promise((done) => setTimeout(done, 50));
  }
};

export const createJob = async (
  server: Pick<Server, 'send'>,
  typeName: string,
  input: object,
  idempotencyKey: string | null = null,
): Promise<string> => {
  const made = await server.send(CREATE_JOB, { given: { typeName, input, idempotencyKey } });
  return (made as unknown as { createJob: { job: { id: string } } }).createJob.job.id;
};
const CREATE_JOB = 'mutation ($given: CreateJobInput!) { createJob(input: $given) { job { id } } }';

export const control = async (server: Pick<Server, 'send'>, command: string, ids: readonly string[]) =>
  (
    (await server.send(
      `mutation ($ids: [ID!]!) { control: ${command}Jobs(jobs: { ids: $ids }) { changedCount refusedCount } }`,
      { ids },
    )) as unknown as { control: { changedCount: number; refusedCount: number } }
  ).control;

export interface Step {
  readonly job: string;
  readonly epoch: number;
  readonly phase: 'run' | 'revert';
  readonly step: number;
}

/** Receives the steps of jobs. */
export const receiveSteps = async () => {
  const steps: Step[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (data) => {
      body += data;
    });
    request.on('end', () => {
      steps.push(JSON.parse(body));
      response.end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    steps,
    of: (job: string) => steps.filter((step) => step.job === job),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
};
