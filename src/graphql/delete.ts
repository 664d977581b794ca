/** The mutations that delete. */
import { checkNotRoot } from '../auth/viewer.ts';
import { cutText, notFound } from '../errors.ts';
import { requireAdmin } from '../jobs/access.ts';
import type { DeleteOutcome } from '../store/store.ts';
import { builder } from './builder.ts';
import { COMMAND_ARGS, readCommandArgs } from './command-args.ts';
import { JobRefusalType, largestFirst, OUTCOMES } from './control.ts';
import { JobSelector, readSelector } from './filters.ts';

type Deleted = Omit<DeleteOutcome, 'deleted'> & { readonly commandId: string | null; readonly dryRun: boolean };

const DeleteJobsPayload = builder.objectRef<Deleted>('DeleteJobsPayload').implement({
  description: 'The result of `deleteJobs`, which is decided and written in one transaction.',
  fields: (t) => ({
    commandId: t.exposeID('commandId', {
      nullable: true,
      description: 'Identifies this command in the audit log. Null if nothing was applied.',
    }),
    applied: t.exposeBoolean('applied', {
      description:
        'false for a dry run, and for an ABORT with a refusal: the other fields then report what would have happened.',
    }),
    dryRun: t.exposeBoolean('dryRun', { description: 'Whether this was a dry run.' }),
    selectedCount: t.exposeInt('selectedCount', {
      description: 'The number of distinct ids given, or of jobs that matched. The sum of the other two counts.',
    }),
    deletedCount: t.exposeInt('deletedCount', { description: 'The jobs that were deleted.' }),
    refusedCount: t.exposeInt('refusedCount', { description: 'The jobs that were not deleted.' }),
    refusals: t.field({
      type: [JobRefusalType],
      description: 'The jobs that were not deleted.',
      args: { first: t.arg.int({ required: true, defaultValue: 100, description: OUTCOMES }) },
      resolve: ({ refusals }, { first }) => refusals.slice(0, first),
    }),
  }),
});

builder.mutationField('deleteJobs', (t) =>
  t.field({
    type: DeleteJobsPayload,
    nullable: true,
    description:
      'Deletes jobs that have ended, before RETENTION_DAYS are over, and what they keep in their databases. Their events ' +
      'stay. Jobs that have not ended, and those that the viewer may not control, are refused and listed in the payload. ' +
      'BAD_USER_INPUT, COUNT_MISMATCH, CHANGED_SINCE.',
    args: {
      jobs: t.arg({ type: JobSelector, required: true, description: 'The jobs to delete.' }),
      ...COMMAND_ARGS,
    },
    resolve: async (_, { jobs, ...args }, context, info) => {
      const order = {
        jobs: readSelector(jobs, 'jobs', context),
        ...readCommandArgs(args),
        list: { refusals: largestFirst(info, 'refusals') },
      };
      return { ...(await context.delete.jobs(order, context.access(), context.identity)), dryRun: args.dryRun };
    },
  }),
);

const DeleteUserPayload = builder.objectRef<{ readonly name: string }>('DeleteUserPayload').implement({
  description: 'The result of `deleteUser`.',
  fields: (t) => ({
    id: t.id({ description: 'The id that the user had.', resolve: ({ name }) => `user:${name}` }),
    name: t.exposeString('name', { description: 'The name that the user had.' }),
  }),
});

const DeleteUserInput = builder.inputType('DeleteUserInput', {
  description: 'A user to delete.',
  fields: (t) => ({ name: t.string({ required: true, description: 'The name of the user.' }) }),
});

builder.mutationField('deleteUser', (t) =>
  t.field({
    type: DeleteUserPayload,
    nullable: true,
    description:
      'Deletes a user and their tokens; open streams end. Their jobs stay, and so do the events. The name is not given ' +
      'again while a job or an event has it. For admins; FORBIDDEN for others. NOT_FOUND if there is no such user, ' +
      'CONFLICT while jobs of the user have not ended. root cannot be deleted.',
    args: { input: t.arg({ type: DeleteUserInput, required: true, description: 'The user.' }) },
    resolve: async (_, { input }, context) => {
      requireAdmin(context.viewer(), 'delete users');
      checkNotRoot(input.name, 'input.name');
      const name = await context.store.deleteUser(input.name, context.by());
      if (name === null) throw notFound(`user ${cutText(input.name, 100)} does not exist`);
      await context.viewers.refresh();
      return { name };
    },
  }),
);

const DeleteDatabasePayload = builder.objectRef<{ readonly name: string }>('DeleteDatabasePayload').implement({
  description: 'The result of `deleteDatabase`.',
  fields: (t) => ({
    id: t.id({ description: 'The id that the database had.', resolve: ({ name }) => `database:${name}` }),
    name: t.exposeString('name', { description: 'The name that the database had.' }),
  }),
});

const DeleteDatabaseInput = builder.inputType('DeleteDatabaseInput', {
  description: 'A database to unregister.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'The name of the database.' }),
    deleteFile: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Whether the file is deleted too. Only for a database that Signalbox created.',
    }),
  }),
});

builder.mutationField('deleteDatabase', (t) =>
  t.field({
    type: DeleteDatabasePayload,
    nullable: true,
    description:
      'Unregisters a database, and removes from it what jobs of this server left there, rejected rows included. For ' +
      'admins; FORBIDDEN for others. NOT_FOUND if there is no such database, CONFLICT while jobs that have not ended use ' +
      'it, BAD_USER_INPUT if its file may not be deleted, UNAVAILABLE if it cannot be written now. If its file is missing, ' +
      'jobs that are reverting do not matter: what they left in the file is given up, and they end.',
    args: { input: t.arg({ type: DeleteDatabaseInput, required: true, description: 'The database.' }) },
    resolve: async (_, { input }, context) => {
      const { name } = await context.delete.database(input, context.viewer(), context.by());
      await context.viewers.refresh();
      return { name };
    },
  }),
);
