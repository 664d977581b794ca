import {
  type FieldNode,
  type GraphQLResolveInfo,
  getArgumentValues,
  getNamedType,
  isObjectType,
  type SelectionSetNode,
} from 'graphql';
import { badInput } from '../errors.ts';
import type { RefusalCode } from '../jobs/control.ts';
import type { JobId } from '../jobs/job.ts';
import type { JobCommand, JobStatus } from '../jobs/status.ts';
import type { ControlOutcome } from '../store/store.ts';
import { builder } from './builder.ts';
import { JobInterface, JobStatusEnum } from './job.ts';
import { JobSelector, LARGEST_SELECTION, readSelector } from './selector.ts';

const RefusalPolicyEnum = builder.enumType('RefusalPolicy', {
  values: {
    SKIP: { description: 'Jobs that refuse are listed; the others change.' },
    ABORT: { description: 'One refusal, and nothing is applied: all or nothing.' },
  } as const,
});

const RefusalCodeEnum = builder.enumType('RefusalCode', {
  values: ['NOT_FOUND', 'INVALID_STATUS', 'NOT_PAUSABLE', 'NOT_CANCELABLE', 'FORBIDDEN'] as const,
});

const JobRefusalType = builder.objectRef<{ jobId: JobId; code: RefusalCode; message: string }>('JobRefusal').implement({
  fields: (t) => ({
    jobId: t.exposeID('jobId'),
    job: t.field({ type: JobInterface, nullable: true, resolve: ({ jobId }, _, { jobs }) => jobs.load(jobId) }),
    code: t.expose('code', { type: RefusalCodeEnum }),
    message: t.exposeString('message'),
  }),
});

const JobOutcomeType = builder.objectRef<{ jobId: JobId; from: JobStatus; to: JobStatus }>('JobOutcome').implement({
  fields: (t) => ({
    jobId: t.exposeID('jobId'),
    job: t.field({ type: JobInterface, nullable: true, resolve: ({ jobId }, _, { jobs }) => jobs.load(jobId) }),
    from: t.expose('from', { type: JobStatusEnum }),
    to: t.expose('to', { type: JobStatusEnum }),
  }),
});

type Payload = ControlOutcome & { readonly commandId: string | null; readonly dryRun: boolean };

const ControlJobsPayload = builder.interfaceRef<Payload>('ControlJobsPayload').implement({
  description: 'What a control mutation did, decided and written in one transaction.',
  fields: (t) => ({
    commandId: t.exposeID('commandId', { nullable: true, description: 'Null when nothing was applied.' }),
    applied: t.exposeBoolean('applied', {
      description: 'False for a dry run, and for an ABORT that met a refusal: the rest then says what would have been.',
    }),
    dryRun: t.exposeBoolean('dryRun'),
    selectedCount: t.exposeInt('selectedCount', {
      description: 'Distinct ids given, or jobs that matched. The sum of the three below.',
    }),
    changedCount: t.exposeInt('changedCount'),
    unchangedCount: t.exposeInt('unchangedCount', { description: 'Already so: pausing a paused job.' }),
    refusedCount: t.exposeInt('refusedCount'),
    changed: t.field({
      type: [JobOutcomeType],
      args: { first: t.arg.int({ required: true, defaultValue: 100 }) },
      resolve: ({ changed }, { first }) => changed.slice(0, first),
    }),
    refusals: t.field({
      type: [JobRefusalType],
      args: { first: t.arg.int({ required: true, defaultValue: 100 }) },
      resolve: ({ refusals }, { first }) => refusals.slice(0, first),
    }),
    cursor: t.expose('cursor', {
      type: 'Cursor',
      description: 'The log just before this command: subscribe after it and miss nothing that it caused.',
    }),
  }),
});

const payloadOf = (name: string) => builder.objectRef<Payload>(name).implement({ interfaces: [ControlJobsPayload] });

const MUTATIONS = [
  { name: 'pauseJobs', command: 'PAUSE', payload: payloadOf('PauseJobsPayload') },
  { name: 'resumeJobs', command: 'RESUME', payload: payloadOf('ResumeJobsPayload') },
  { name: 'cancelJobs', command: 'CANCEL', payload: payloadOf('CancelJobsPayload') },
] as const satisfies readonly { name: string; command: JobCommand; payload: unknown }[];

for (const { name, command, payload } of MUTATIONS) {
  builder.mutationField(name, (t) =>
    t.field({
      type: payload,
      nullable: true,
      args: {
        jobs: t.arg({ type: JobSelector, required: true }),
        reason: t.arg.string(),
        onRefusal: t.arg({ type: RefusalPolicyEnum, required: true, defaultValue: 'SKIP' }),
        dryRun: t.arg.boolean({
          required: true,
          defaultValue: false,
          description: 'Decides and reports as if for real, and writes nothing.',
        }),
        expectedCount: t.arg.int({
          description: 'Another number selected is COUNT_MISMATCH, and nothing changes.',
        }),
        unchangedSince: t.arg({
          type: 'Cursor',
          description:
            'A selected job with a later event is CHANGED_SINCE, and nothing changes: act on what the preview showed.',
        }),
      },
      resolve: async (_, { jobs, reason, onRefusal, dryRun, ...guards }, { control, access }, info) => {
        const order = {
          command,
          jobs: readSelector(jobs, 'jobs'),
          reason: reasonOf(reason),
          abortOnRefusal: onRefusal === 'ABORT',
          dryRun,
          expectedCount: guards.expectedCount ?? null,
          unchangedSince: guards.unchangedSince ?? null,
          list: { changed: largestFirst(info, 'changed'), refusals: largestFirst(info, 'refusals') },
        };
        return { ...(await control(order, access())), dryRun };
      },
    }),
  );
}

const reasonOf = (reason: string | null | undefined) => {
  if (reason === null || reason === undefined) return null;
  if (reason.length > 1_024) throw badInput('reason', `reason has ${reason.length} characters: at most 1024`);
  return reason;
};

/** The greatest `first` of a list field, wherever this operation selects it: so many are read, and no more. */
const largestFirst = (info: GraphQLResolveInfo, name: 'changed' | 'refusals'): number => {
  const type = getNamedType(info.returnType);
  if (!isObjectType(type)) return 0;
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
