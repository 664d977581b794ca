import {
  type FieldNode,
  type GraphQLResolveInfo,
  getArgumentValues,
  getNamedType,
  isInterfaceType,
  isObjectType,
  type SelectionSetNode,
} from 'graphql';
import { badInput } from '../errors.ts';
import { REFUSAL_CODES, type RefusalCode } from '../jobs/control.ts';
import type { JobId } from '../jobs/job.ts';
import type { JobCommand, JobStatus } from '../jobs/status.ts';
import type { ControlOutcome } from '../store/store.ts';
import { builder } from './builder.ts';
import { COMMAND_ARGS, readCommandArgs, reasonOf } from './command-args.ts';
import { JobSelector, LARGEST_SELECTION, readSelector } from './filters.ts';
import { describeValues } from './inputs.ts';
import { JobInterface, JobStatusEnum } from './job.ts';

export const RefusalCodeEnum = builder.enumType('RefusalCode', {
  description: 'Why a job refused a command. Clients must expect new values.',
  values: describeValues(REFUSAL_CODES, {
    NOT_FOUND: 'No job has this id, or the viewer may not see it.',
    INVALID_STATUS: 'The status of the job does not allow the command.',
    NOT_PAUSABLE: 'Jobs of this type cannot be paused.',
    NOT_CANCELABLE: 'Jobs of this type cannot be canceled.',
    FORBIDDEN: 'The viewer may see the job but not control it.',
  }),
});

export const JobRefusalType = builder
  .objectRef<{ jobId: JobId; code: RefusalCode; message: string }>('JobRefusal')
  .implement({
    description: 'A selected job that refused the command.',
    fields: (t) => ({
      jobId: t.exposeID('jobId', { description: 'The id of the job, as selected.' }),
      job: t.field({
        type: JobInterface,
        nullable: true,
        description: 'The job as it is now. Null if the viewer may not see it or it does not exist.',
        resolve: ({ jobId }, _, { jobs }) => jobs.load(jobId),
      }),
      code: t.expose('code', { type: RefusalCodeEnum, description: 'Why the job refused, for programs.' }),
      message: t.exposeString('message', {
        description: 'Why the job refused, for people, with its id: `cannot pause succeeded job 27536791415282`.',
      }),
    }),
  });

const JobOutcomeType = builder.objectRef<{ jobId: JobId; from: JobStatus; to: JobStatus }>('JobOutcome').implement({
  description: 'A selected job that changed, or in a dry run would change.',
  fields: (t) => ({
    jobId: t.exposeID('jobId', { description: 'The id of the job, as selected.' }),
    job: t.field({
      type: JobInterface,
      nullable: true,
      description: 'The job as it is now. Null if the viewer may not see it or it does not exist.',
      resolve: ({ jobId }, _, { jobs }) => jobs.load(jobId),
    }),
    from: t.expose('from', { type: JobStatusEnum, description: 'The status before the command.' }),
    to: t.expose('to', { type: JobStatusEnum, description: 'The status that the command gives the job.' }),
  }),
});

export const OUTCOMES = 'Returns at most this many, from 0 to 10,000.';

type Payload = ControlOutcome & {
  readonly command: JobCommand;
  readonly commandId: string | null;
  readonly dryRun: boolean;
  readonly planId: string | null;
};

const ControlJobsPayload = builder.interfaceRef<Payload>('ControlJobsPayload').implement({
  description: 'The result of a control mutation, which is decided and written in one transaction.',
  resolveType: ({ command }) => PAYLOADS[command],
  fields: (t) => ({
    commandId: t.exposeID('commandId', {
      nullable: true,
      description: 'Identifies this command in the events that it caused. Null if nothing was applied.',
    }),
    applied: t.exposeBoolean('applied', {
      description:
        'false for a dry run, and for an ABORT with a refusal: the other fields then report what would have happened.',
    }),
    dryRun: t.exposeBoolean('dryRun', { description: 'Whether this was a dry run.' }),
    selectedCount: t.exposeInt('selectedCount', {
      description: 'The number of distinct ids given, or of jobs that matched. The sum of the other three counts.',
    }),
    changedCount: t.exposeInt('changedCount', { description: 'The jobs that changed.' }),
    unchangedCount: t.exposeInt('unchangedCount', {
      description: 'The jobs that were already in the requested state, such as a paused job that is paused.',
    }),
    refusedCount: t.exposeInt('refusedCount', { description: 'The jobs that refused the command.' }),
    changed: t.field({
      type: [JobOutcomeType],
      description: 'The jobs that changed, or in a dry run would change.',
      args: { first: t.arg.int({ required: true, defaultValue: 100, description: OUTCOMES }) },
      resolve: ({ changed }, { first }) => changed.slice(0, first),
    }),
    refusals: t.field({
      type: [JobRefusalType],
      description: 'The jobs that refused the command.',
      args: { first: t.arg.int({ required: true, defaultValue: 100, description: OUTCOMES }) },
      resolve: ({ refusals }, { first }) => refusals.slice(0, first),
    }),
    cursor: t.expose('cursor', {
      type: 'Cursor',
      description:
        'The end of the event log just before this command. `jobStatusChanged(after:)` with this cursor sends every event ' +
        'that it caused.',
    }),
    planId: t.exposeID('planId', {
      nullable: true,
      description:
        'Of a dry run: a sealed text that `confirmPlan` carries out within an hour, on behalf of anyone who may, as long ' +
        'as nothing that it selected has changed. Null for other calls, and for a filter with `error`, `modifiedAt` or ' +
        '`fractionCompleted`, which change without an event, if more than 10,000 jobs match.',
    }),
  }),
});

const PAYLOADS = { PAUSE: 'PauseJobsPayload', RESUME: 'ResumeJobsPayload', CANCEL: 'CancelJobsPayload' } as const;

const payloadOf = (name: string, description: string) =>
  builder.objectRef<Payload>(name).implement({ description, interfaces: [ControlJobsPayload] });

const MUTATIONS = [
  {
    name: 'pauseJobs',
    command: 'PAUSE',
    payload: payloadOf('PauseJobsPayload', 'The result of `pauseJobs`.'),
    effect:
      'PAUSE JOBS: requests that jobs stop and keep their checkpoints. They are PAUSED once their work has stopped.',
  },
  {
    name: 'resumeJobs',
    command: 'RESUME',
    payload: payloadOf('ResumeJobsPayload', 'The result of `resumeJobs`.'),
    effect:
      'RESUME JOBS: lets paused jobs continue from their checkpoints, and withdraws pauses that are only requested.',
  },
  {
    name: 'cancelJobs',
    command: 'CANCEL',
    payload: payloadOf('CancelJobsPayload', 'The result of `cancelJobs`.'),
    effect: 'CANCEL JOBS: requests that jobs stop and undo their work. They are CANCELED once it is undone.',
  },
] as const satisfies readonly { name: string; command: JobCommand; payload: unknown; effect: string }[];

for (const { name, command, payload, effect } of MUTATIONS) {
  builder.mutationField(name, (t) =>
    t.field({
      type: payload,
      nullable: true,
      description: `${effect} Jobs that refuse are listed in the payload. BAD_USER_INPUT, COUNT_MISMATCH, CHANGED_SINCE.`,
      args: {
        jobs: t.arg({ type: JobSelector, required: true, description: 'The jobs that receive the command.' }),
        ...COMMAND_ARGS,
      },
      resolve: async (_, { jobs, ...args }, context, info) => {
        const order = {
          command,
          jobs: readSelector(jobs, 'jobs', context),
          ...readCommandArgs(args),
          list: listOf(info),
        };
        const { control, plans, access, identity } = context;
        const isPlan = order.dryRun && selects(info, 'planId');
        const list = { ...order.list, selected: isPlan ? plans.selectedFor(order.jobs) : 0 };
        const outcome = await control({ ...order, list }, access(), identity);
        return {
          ...outcome,
          command,
          dryRun: order.dryRun,
          planId: isPlan ? plans.planOf(order, outcome, access()) : null,
        };
      },
    }),
  );
}

builder.mutationField('confirmPlan', (t) =>
  t.field({
    type: ControlJobsPayload,
    nullable: true,
    description:
      'Carries out what a dry run showed, under the name of the viewer. NOT_FOUND if the plan has expired; CHANGED_SINCE, ' +
      'and nothing changes, if a selected job has a later event or the filter selects other jobs. Jobs that the viewer may not ' +
      'control are listed as refusals. Repeated by the same viewer, it returns the first answer.',
    args: {
      planId: t.arg.id({ required: true, description: 'The `planId` of the dry run.' }),
      reason: t.arg.string({
        description: 'Why, in at most 1,024 characters. Replaces the reason that was given to the dry run.',
      }),
    },
    resolve: async (_, { planId, reason }, { plans, access, identity }, info) => {
      const confirmation = { planId, reason: reasonOf(reason), list: listOf(info) };
      return { ...(await plans.confirm(confirmation, access(), identity)), dryRun: false, planId: null };
    },
  }),
);

const listOf = (info: GraphQLResolveInfo) => ({
  changed: largestFirst(info, 'changed'),
  refusals: largestFirst(info, 'refusals'),
});

const selects = (info: GraphQLResolveInfo, name: string): boolean =>
  info.fieldNodes.some((node) => fieldsNamed(node.selectionSet, name, info).length > 0);

/** The greatest `first` of a list field, wherever this operation selects it: that many are read, and no more. */
export const largestFirst = (info: GraphQLResolveInfo, name: 'changed' | 'refusals'): number => {
  const type = getNamedType(info.returnType);
  if (!isObjectType(type) && !isInterfaceType(type)) return 0;
  const definition = type.getFields()[name];
  if (definition === undefined) return 0;
  const wanted = info.fieldNodes
    .flatMap((node) => fieldsNamed(node.selectionSet, name, info))
    .map((node) => Number(getArgumentValues(definition, node, info.variableValues).first));
  const largest = Math.max(0, ...wanted);
  if (wanted.some((first) => first < 0) || largest > LARGEST_SELECTION) {
    throw badInput(
      `${name}.first`,
      `${name}(first: ${wanted.find((first) => first < 0) ?? largest}) must be from 0 to ${LARGEST_SELECTION}`,
    );
  }
  return largest;
};

const fieldsNamed = (set: SelectionSetNode | undefined, name: string, info: GraphQLResolveInfo): readonly FieldNode[] =>
  (set?.selections ?? []).flatMap((selection) => {
    if (selection.kind === 'Field') return selection.name.value === name ? [selection] : [];
    if (selection.kind === 'InlineFragment') return fieldsNamed(selection.selectionSet, name, info);
    return fieldsNamed(info.fragments[selection.name.value]?.selectionSet, name, info);
  });
