import type { JobCommand } from '../../src/jobs/status.ts';
import { graphql } from '../generated/gql.ts';
import type { DatabaseAccess, FileAccess, Privilege } from '../generated/graphql.ts';
import type { TestApp } from './app.ts';

const DOCUMENTS = {
  PAUSE: graphql(/* GraphQL */ `
    mutation Pause($ids: [ID!]!, $reason: String, $onRefusal: RefusalPolicy! = SKIP) {
      outcome: pauseJobs(jobs: { ids: $ids }, reason: $reason, onRefusal: $onRefusal) {
        ...Outcome
      }
    }
  `),
  RESUME: graphql(/* GraphQL */ `
    mutation Resume($ids: [ID!]!, $reason: String, $onRefusal: RefusalPolicy! = SKIP) {
      outcome: resumeJobs(jobs: { ids: $ids }, reason: $reason, onRefusal: $onRefusal) {
        ...Outcome
      }
    }
  `),
  CANCEL: graphql(/* GraphQL */ `
    mutation Cancel($ids: [ID!]!, $reason: String, $onRefusal: RefusalPolicy! = SKIP) {
      outcome: cancelJobs(jobs: { ids: $ids }, reason: $reason, onRefusal: $onRefusal) {
        ...Outcome
      }
    }
  `),
};

graphql(/* GraphQL */ `
  fragment Outcome on ControlJobsPayload {
    commandId
    applied
    dryRun
    selectedCount
    changedCount
    unchangedCount
    refusedCount
    changed(first: 10000) {
      jobId
      from
      to
    }
    refusals(first: 10000) {
      jobId
      code
      message
    }
    cursor
  }
`);

const JOB = graphql(/* GraphQL */ `
  query JobNow($id: ID!) {
    job(id: $id) {
      id
      status
      statusMessage
      createdAt
      startedAt
      finishedAt
      modifiedAt
      fractionCompleted
      counters {
        name
        value
      }
      error
      executionErrors {
        at
        attempt
        message
      }
      attempts
      nextAttemptAt
      pauseReason
      coordinator
      availableCommands
      events(first: 1000) {
        nodes {
          cursor
          ... on JobStatusChange {
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
      }
    }
  }
`);

interface More {
  readonly reason?: string | null;
  readonly onRefusal?: 'SKIP' | 'ABORT';
  readonly user?: string;
}

/** Sends one command for these jobs. */
export const order = async (app: TestApp, command: JobCommand, ids: readonly string[], more: More = {}) => {
  const { user, ...rest } = more;
  return (await app.execute(DOCUMENTS[command], { ids: [...ids], ...rest }, user)).outcome;
};

/** The code and message of a command that fails as a whole. */
export const orderRefused = (app: TestApp, command: JobCommand, ids: readonly string[], more: More = {}) => {
  const { user, ...rest } = more;
  return app.refuse(DOCUMENTS[command], { ids: [...ids], ...rest }, user);
};

/** A job as it is, all of it. */
export const jobNow = async (app: TestApp, id: string, user?: string) => {
  const { job } = await app.execute(JOB, { id }, user);
  if (job === null || job === undefined) throw new Error(`job ${id} is not there`);
  return job;
};

/** Waits until the job, looked at after each commit, is as wanted: for changes without an event. */
export const jobWhen = async (
  app: TestApp,
  id: string,
  wanted: (job: Awaited<ReturnType<typeof jobNow>>) => boolean,
) => {
  for (;;) {
    let ignore = () => {};
    const committed = new Promise<void>((resolve) => {
      ignore = app.store.onCommit(() => resolve());
    });
    const job = await jobNow(app, id);
    if (!wanted(job)) await committed;
    ignore();
    if (wanted(job)) return job;
  }
};

const CREATE_USER = graphql(/* GraphQL */ `
  mutation CreateUser($input: CreateUserInput!) {
    createUser(input: $input) {
      user {
        name
      }
    }
  }
`);

/** Makes a user, who may use all databases and files unless specified otherwise, and waits until the server knows them. */
export const addUser = async (
  app: TestApp,
  name: string,
  rights: {
    readonly admin?: boolean;
    readonly privileges?: readonly Privilege[];
    readonly databases?: DatabaseAccess;
    readonly files?: FileAccess;
  } = {},
) => {
  const { admin = false, privileges = [], databases = { all: true }, files = { all: true } } = rights;
  await app.execute(CREATE_USER, { input: { name, admin, privileges: [...privileges], databases, files } });
  while ((await app.send({ query: '{ viewer { name } }' }, name)).errors !== undefined);
};
