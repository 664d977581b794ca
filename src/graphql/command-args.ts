/** The arguments that every mutation on selected jobs has, and their form for the engine. */
import { badInput } from '../errors.ts';
import { builder } from './builder.ts';

const RefusalPolicyEnum = builder.enumType('RefusalPolicy', {
  description: 'What a control mutation does if some of the selected jobs refuse the command.',
  values: {
    SKIP: { description: 'Refused jobs are listed; the others change.' },
    ABORT: { description: 'All or nothing: a single refusal means that nothing is applied.' },
  } as const,
});

export const COMMAND_ARGS = builder.args((t) => ({
  reason: t.string({
    description:
      'Why, in at most 1,024 characters: kept with the events or in the audit log and, for a pause, with the job.',
  }),
  onRefusal: t.field({
    type: RefusalPolicyEnum,
    required: true,
    defaultValue: 'SKIP',
    description: 'What happens if some of the jobs refuse the command.',
  }),
  dryRun: t.boolean({
    required: true,
    defaultValue: false,
    description: 'Decides and reports as a real call would, and writes nothing.',
  }),
  expectedCount: t.int({
    description: 'If a different number of jobs is selected, the call fails with COUNT_MISMATCH and nothing changes.',
  }),
  unchangedSince: t.field({
    type: 'Cursor',
    description:
      'If a selected job has a later event, the call fails with CHANGED_SINCE and nothing changes: a client acts ' +
      'only on what its preview showed.',
  }),
}));

type CommandArgs = {
  readonly reason?: string | null | undefined;
  readonly onRefusal: 'SKIP' | 'ABORT';
  readonly dryRun: boolean;
  readonly expectedCount?: number | null | undefined;
  readonly unchangedSince?: number | null | undefined;
};

export const readCommandArgs = ({ reason, onRefusal, dryRun, expectedCount, unchangedSince }: CommandArgs) => ({
  reason: reasonOf(reason),
  abortOnRefusal: onRefusal === 'ABORT',
  dryRun,
  expectedCount: expectedCount ?? null,
  unchangedSince: unchangedSince ?? null,
});

export const reasonOf = (reason: string | null | undefined) => {
  if (reason === null || reason === undefined) return null;
  if (reason.length > 1_024)
    throw badInput('reason', `reason has ${reason.length} characters: at most 1024 are allowed`);
  return reason;
};
