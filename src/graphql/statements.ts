/** SQL statements in the API: docs/sql.md. */
import { badInput, SignalboxError } from '../errors.ts';
import type { JobId } from '../jobs/job.ts';
import { type Collected, collect } from '../sql/collect.ts';
import { withState } from '../sql/errors.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { JobInterface } from './job.ts';

const MOST_ROWS = 10_000;

const StatementColumnType = builder.objectRef<Collected['columns'][number]>('StatementColumn').implement({
  description: 'A column of the answer to a statement.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name of the column.' }),
    type: t.exposeString('type', { description: 'The PostgreSQL type, such as int8, text or timestamptz.' }),
  }),
});

const StatementNoticeType = builder.objectRef<Collected['notices'][number]>('StatementNotice').implement({
  description: 'A message about a statement that is no error, such as a job that refused a command.',
  fields: (t) => ({
    severity: t.exposeString('severity', { description: 'NOTICE or WARNING.' }),
    message: t.exposeString('message', { description: 'The message, for people.' }),
    sqlState: t.exposeString('sqlState', { description: 'The SQLSTATE, for programs.' }),
  }),
});

const StatementResultType = builder.objectRef<Collected>('StatementResult').implement({
  description: 'The answer to one SQL statement: docs/sql.md.',
  fields: (t) => ({
    tag: t.exposeString('tag', { description: 'The command tag: `PAUSE JOBS 3`.' }),
    columns: t.field({
      type: [StatementColumnType],
      description: 'The columns of the rows. Empty if the statement returns no rows.',
      resolve: ({ columns }) => [...columns],
    }),
    rows: t.field({
      type: t.listRef(t.listRef('JSON', { nullable: true })),
      description: 'The rows, each with a value for each column. Times are texts in ISO 8601.',
      resolve: ({ rows }) => rows.map((row) => [...row]),
    }),
    truncated: t.exposeBoolean('truncated', { description: 'Whether there were more rows than `maxRows`.' }),
    notices: t.field({
      type: [StatementNoticeType],
      description: 'Messages about the statement.',
      resolve: ({ notices }) => [...notices],
    }),
    jobs: t.field({
      type: [JobInterface],
      description: 'The jobs that it created.',
      resolve: async ({ jobs }: { readonly jobs: readonly JobId[] }, _, { store, access }) => [
        ...(await store.jobsById(jobs, access())),
      ],
    }),
  }),
});

interface Arguments {
  readonly sql: string;
  readonly parameters?: readonly unknown[] | null | undefined;
  readonly maxRows: number;
}

const answer = async (
  { sql, parameters, maxRows }: Arguments,
  context: Context,
  mayWrite: boolean,
): Promise<Collected> => {
  if (maxRows < 0 || maxRows > MOST_ROWS)
    throw badInput('maxRows', `maxRows ${maxRows} must be from 0 to ${MOST_ROWS}`);
  try {
    return await collect({ sql, parameters: parameters ?? [], maxRows, mayWrite }, context);
  } catch (error) {
    throw error instanceof SignalboxError ? withState(error) : error;
  }
};

const SQL = 'One statement. docs/sql.md lists them.';
const PARAMETERS = 'The values of $1, $2 … in the statement.';
const MAX_ROWS = 'The greatest number of rows that are returned, from 0 to 10,000.';

builder.queryField('statement', (t) =>
  t.field({
    type: StatementResultType,
    nullable: true,
    extensions: { cost: 500 },
    description:
      'A statement that only reads: SHOW, SELECT, or EXPLAIN of a command. BAD_USER_INPUT with `sqlState` and `position`. ' +
      'Waiting and streaming statements are refused: subscriptions do that.',
    args: {
      sql: t.arg.string({ required: true, description: SQL }),
      parameters: t.arg({ type: t.arg.listRef('JSON', { required: false }), description: PARAMETERS }),
      maxRows: t.arg.int({ required: true, defaultValue: 1_000, description: MAX_ROWS }),
    },
    resolve: (_, args, context) => answer(args, context, false),
  }),
);

builder.mutationField('execute', (t) =>
  t.field({
    type: StatementResultType,
    nullable: true,
    description:
      'One SQL statement, such as `PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] WHERE user_name = $1)`: the same as the ' +
      'mutation for it. Errors also carry `sqlState` and `position`. What waits or streams (WHEN COMPLETE, a changefeed ' +
      'without a sink) is refused: subscriptions do that. A statement that creates a job does not wait for its end.',
    args: {
      sql: t.arg.string({ required: true, description: SQL }),
      parameters: t.arg({ type: t.arg.listRef('JSON', { required: false }), description: PARAMETERS }),
      maxRows: t.arg.int({ required: true, defaultValue: 1_000, description: MAX_ROWS }),
    },
    resolve: (_, args, context) => answer(args, context, true),
  }),
);
