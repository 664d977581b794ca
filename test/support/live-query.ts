import { graphql } from '../generated/gql.ts';
import type { TestApp } from './app.ts';
import { inStore } from './store.ts';
import { type GraphQLReply, openEvents, openSocket } from './wire.ts';

/** What a list shows of a job, and what is compared of it. */
export const FIELDS = 'id status statusMessage fractionCompleted modifiedAt userName error attempts pauseReason';
const VIEW = `subscription ($where: JobFilter, $first: Int! = 100, $throttleMs: Int! = 50) {
  jobUpdated(where: $where, first: $first, throttleMs: $throttleMs) { kind jobId job { ${FIELDS} } }
}`;

export interface Shown {
  readonly id: string;
  readonly status: string;
  readonly statusMessage: string | null;
  readonly fractionCompleted: number | null;
}

export interface Update {
  readonly kind: string;
  readonly jobId: string | null;
  readonly job: Shown | null;
}

/** A subscription on one wire, printed as `kind id`, read one message at a time. */
export interface Reader {
  next(): Promise<Update>;
  /** All until, and with, the first that is wanted. */
  until(wanted: (update: Update) => boolean): Promise<Update[]>;
  /** Without a goodbye. */
  drop(): void;
  [Symbol.dispose](): void;
}

const updateOf = ({ data, errors }: GraphQLReply): Update => {
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data?.jobUpdated as Update;
};

const readerOf = (next: () => Promise<Update>, drop: () => void): Reader => ({
  next,
  until: async (wanted) => {
    const seen: Update[] = [];
    for (;;) {
      const update = await next();
      seen.push(update);
      if (wanted(update)) return seen;
    }
  },
  drop,
  [Symbol.dispose]: drop,
});

type Open = (app: TestApp, variables?: object, user?: string) => Promise<Reader>;

export const viewOverSocket: Open = async (app, variables = {}, user = 'root') => {
  const socket = await openSocket(app.url, { params: { user } });
  await socket.next();
  socket.subscribe('view', { query: VIEW, variables });
  return readerOf(
    async () => updateOf((await socket.next()).payload as GraphQLReply),
    () => socket.socket.terminate(),
  );
};

export const viewOverEvents: Open = async (app, variables = {}, user = 'root') => {
  const stream = await openEvents(app.url, { query: VIEW, variables }, { user });
  return readerOf(async () => updateOf((await stream.next()) ?? {}), stream.leave);
};

/** A list as a client keeps it, which takes each update at its word and complains of what cannot be. */
export const createList = () => {
  const jobs = new Map<string, Shown>();
  let isCaughtUp = false;
  const put = ({ kind, jobId, job }: Update) => {
    if (job === null || job.id !== jobId) throw new Error(`${kind} of job ${jobId} brought ${JSON.stringify(job)}`);
    if (kind === 'CURRENT' && isCaughtUp) throw new Error('CURRENT came after CAUGHT_UP');
    if (kind === 'ENTERED' && jobs.has(jobId)) throw new Error(`job ${jobId} entered twice`);
    jobs.set(jobId, job);
  };
  const remove = ({ kind, jobId, job }: Update) => {
    if (job !== null) throw new Error(`${kind} of job ${jobId} brought its content`);
    if (!jobs.delete(jobId ?? '')) throw new Error(`${kind} of job ${jobId}, which was not emitted`);
  };
  return {
    jobs,
    get isCaughtUp() {
      return isCaughtUp;
    },
    take: (update: Update) => {
      if (update.kind === 'RESET') {
        jobs.clear();
        isCaughtUp = false;
      } else if (update.kind === 'CAUGHT_UP') isCaughtUp = true;
      else if (update.kind === 'LEFT' || update.kind === 'REMOVED') remove(update);
      else put(update);
    },
  };
};

export const kindsOf = (updates: readonly Update[]) =>
  updates.map(({ kind, jobId }) => (jobId === null ? kind : `${kind} ${jobId}`));

/** So many paused jobs of an owner that never ran, put there at once. The first has the id 1000. */
export const addPaused = async (app: TestApp, count: number, userName = 'root'): Promise<readonly string[]> => {
  const counted = `WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < ${999 + count})`;
  await inStore(
    app.dataDir,
    `${counted} INSERT INTO Job (id, type, typeName, description, userName, status, createdAt, modifiedAt, revision)
      SELECT i, 'CUSTOM', 'SCRIPTED', 'SCRIPTED x', '${userName}', 'PAUSED', 0, 0, 0 FROM n`,
  );
  await inStore(app.dataDir, `${counted} INSERT INTO JobWork (jobId, details) SELECT i, '{"name":"x"}' FROM n`);
  return Array.from({ length: count }, (_, n) => String(1_000 + n));
};

const UPDATE_USER = graphql(/* GraphQL */ `
  mutation SetPrivileges($name: String!, $privileges: [Privilege!]!) {
    updateUser(input: { name: $name, privileges: $privileges }) {
      user {
        privileges
      }
    }
  }
`);

export const setPrivileges = (
  app: TestApp,
  name: string,
  privileges: readonly ('CREATEJOB' | 'VIEWJOB' | 'CONTROLJOB')[],
) => app.execute(UPDATE_USER, { name, privileges: [...privileges] });
