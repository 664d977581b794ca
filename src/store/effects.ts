/**
 * What commands, reports and claims set in the row of a job, besides its status. A value is SQL over the row before the
 * change; `c.verdict` is the new status and `c.was` the old one.
 */
import { cutText } from '../errors.ts';
import type { Actor, Instant } from '../jobs/job.ts';
import type { JobCommand } from '../jobs/status.ts';
import { WAITING } from './rows.ts';
import { type Dialect, type Sql, sql } from './sql.ts';
import type { ControlOrder, Saved, Settled } from './store.ts';

export type Change = readonly [field: string, value: Sql];

/** The effects of a move other than the status. */
export interface Effects {
  readonly set?: readonly Change[];
  readonly actor: Actor;
  readonly command?: JobCommand;
  readonly commandId?: string;
  readonly reason?: string | null;
  readonly error?: string | null;
}

const NULL = sql`NULL`;

export const assignments = (changes: readonly Change[], { column }: Dialect): readonly Sql[] =>
  changes.map(([field, value]) => sql`${column(field)} = ${value}`);

const COMMANDS: Readonly<Record<JobCommand, (reason: string | null) => readonly Change[]>> = {
  PAUSE: (reason) => [
    ['pauseReason', sql`${reason}`],
    ['statusMessage', sql`${reason}`],
    ['nextAttemptAt', NULL],
  ],
  RESUME: () => [
    ['pauseReason', NULL],
    ['statusMessage', sql`CASE WHEN c.verdict = 'PENDING' THEN ${WAITING} END`],
    ['nextAttemptAt', NULL],
    ['attempts', sql`0`],
    ['awaitsResume', sql`FALSE`],
  ],
  CANCEL: () => [
    ['pauseReason', NULL],
    ['statusMessage', NULL],
    ['nextAttemptAt', NULL],
    ['attempts', sql`0`],
  ],
};

/** Who commands, and what the command sets. */
export const commandEffects = ({ command, actor, commandId, reason }: ControlOrder) => ({
  set: COMMANDS[command](reason),
  actor,
  command,
  commandId,
  reason,
});

/** The session takes the job, under the next epoch. */
export const claimChanges = (sessionId: string, now: Instant, { column }: Dialect): readonly Change[] => [
  ['claimedBy', sql`${sessionId}`],
  ['epoch', sql`${column('epoch')} + 1`],
  ['savedInClaim', sql`FALSE`],
  ['settledBy', NULL],
  ['startedAt', sql`coalesce(${column('startedAt')}, ${now})`],
  ['nextAttemptAt', NULL],
  ['statusMessage', NULL],
  ['rateSince', sql`${now}`],
  ['rateFraction', sql`coalesce(${column('fractionCompleted')}, 0)`],
];

/** Without these, the next claim of a dead one would spend no attempt. `waits` is when the next attempt may begin. */
export const lostChanges = (
  { lost, attempts }: { readonly lost: string; readonly attempts: number },
  waits: Sql,
  { column }: Dialect,
): readonly Change[] => {
  const failed = sql`c.verdict = 'REVERTING' AND c.was = 'RUNNING'`;
  const error = column('error');
  return [
    ['claimedBy', NULL],
    ['attempts', sql`CASE WHEN ${failed} THEN 0 ELSE ${column('attempts')} + 1 END`],
    ['nextAttemptAt', sql`CASE WHEN NOT (${failed}) THEN ${waits} END`],
    ['statusMessage', sql`CASE WHEN NOT (${failed}) THEN ${`waiting for its next attempt: ${lost}`} END`],
    ['error', sql`CASE WHEN ${failed} THEN coalesce(${error}, ${`worker lost ${attempts} times`}) ELSE ${error} END`],
  ];
};

/**
 * What a step changes. A fraction never decreases; progress resets the failed attempts. `kept` is the checkpoint that
 * is stored.
 */
export const savedChanges = (saved: Saved, kept: Sql, { column, isSame, greatest }: Dialect): readonly Change[] => {
  const attempts = column('attempts');
  const fraction = sql`coalesce(${column('fractionCompleted')}, 0)`;
  return [
    ...(saved.checkpoint === undefined
      ? []
      : ([
          ['savedInClaim', sql`TRUE`],
          ['attempts', sql`CASE WHEN ${isSame(kept, sql`${saved.checkpoint}`)} THEN ${attempts} ELSE 0 END`],
        ] as const)),
    ...(saved.fractionCompleted === undefined
      ? []
      : ([['fractionCompleted', greatest(fraction, sql`${saved.fractionCompleted}`)]] as const)),
    ...(saved.message === undefined ? [] : ([['statusMessage', sql`${cutText(saved.message)}`]] as const)),
    ...(saved.counters === undefined ? [] : ([['counters', sql`${JSON.stringify(saved.counters)}`]] as const)),
  ];
};

const WARNINGS_AT_MOST = 100;

/** The warnings of a job after more have been added, as JSON. */
export const withWarnings = (kept: string | undefined, added: readonly string[]): string => {
  const known: readonly string[] = JSON.parse(kept ?? '[]');
  const all = new Set([...known, ...added.map((warning) => cutText(warning))]);
  return JSON.stringify([...all].slice(0, WARNINGS_AT_MOST));
};

/** `shown` is what the job shows while it waits, instead of the error. */
type Outcome = (error: string | null, waits: Sql, dialect: Dialect, shown?: string) => readonly Change[];

const message = (pending: string | null, { column }: Dialect, reverting: string | null = null): Change => [
  'statusMessage',
  sql`CASE c.verdict WHEN 'PENDING' THEN ${pending} WHEN 'PAUSED' THEN ${column('pauseReason')}
    WHEN 'REVERTING' THEN ${reverting} END`,
];

/** The wait before the next attempt. A revert after a cancel is separate work: it does not wait and has not failed. */
const waiting = (waits: Sql, { column }: Dialect): readonly Change[] => [
  ['attempts', sql`CASE WHEN c.was = 'CANCEL_REQUESTED' THEN 0 ELSE ${column('attempts')} + 1 END`],
  [
    'nextAttemptAt',
    sql`CASE WHEN c.verdict IN ('PENDING', 'REVERTING') AND c.was <> 'CANCEL_REQUESTED' THEN ${waits} END`,
  ],
];

const OUTCOMES: Readonly<Record<Settled['report'], Outcome>> = {
  stopped: (_, __, dialect) => [message(WAITING, dialect)],
  finished: (_, __, dialect) => {
    const fraction = dialect.column('fractionCompleted');
    const isWhole = sql`c.verdict = 'SUCCEEDED' AND NOT ${dialect.column('continuous')}`;
    return [
      message(null, dialect),
      ['fractionCompleted', sql`CASE WHEN ${isWhole} THEN 1 ELSE ${fraction} END`],
      ['pauseReason', NULL],
    ];
  },
  // The first error is kept. A canceled job has none: an error that occurred while it stopped is in its event.
  failed: (error, _, { column }) => [
    ['error', sql`CASE WHEN c.was <> 'CANCEL_REQUESTED' THEN coalesce(${column('error')}, ${error}) END`],
    ['statusMessage', NULL],
    ['attempts', sql`0`],
    ['pauseReason', NULL],
  ],
  retry: (error, waits, dialect, shown = `waiting for its next attempt: ${error}`) => [
    ...waiting(waits, dialect),
    message(shown, dialect),
  ],
  pauseAsked: (error) => [
    ['pauseReason', sql`CASE WHEN c.verdict = 'PAUSED' THEN ${error} END`],
    ['statusMessage', sql`CASE WHEN c.verdict = 'PAUSED' THEN ${error} END`],
  ],
  reverted: (_, __, dialect) => [message(null, dialect), ['pauseReason', NULL]],
  revertFailed: (error, waits, dialect, shown) => [...waiting(waits, dialect), message(null, dialect, shown ?? error)],
};

/** The claim is released, and the outcome is applied. `waits` is when the next attempt may begin. */
export const settledEffects = (
  report: Settled['report'],
  { sessionId, actor, error, shown, waits }: SettledBy,
  dialect: Dialect,
) => ({
  actor: { kind: 'WORKER' as const, name: actor },
  ...(report === 'pauseAsked' ? { reason: error } : { error }),
  set: [
    ['claimedBy', NULL],
    ['settledBy', sql`${sessionId}`],
    ['settledAs', sql`c.verdict`],
    ...OUTCOMES[report](error, waits, dialect, shown),
  ] as readonly Change[],
});

interface SettledBy {
  readonly sessionId: string;
  readonly actor: string;
  readonly error: string | null;
  readonly shown?: string | undefined;
  readonly waits: Sql;
}

/**
 * A transient failure is final if it was the last attempt allowed. Two cases are never final. A committing job can no
 * longer be reverted, so it is tried again after any error. For a continuous job the receiver may be away for long, and
 * giving up would lose the pending messages.
 */
export const weighReport = (
  report: Settled['report'],
  job: { readonly attempts: number; readonly committing: boolean; readonly continuous: boolean } | undefined,
  attempts: number,
): Settled['report'] => {
  if (report !== 'retry' && report !== 'failed' && report !== 'pauseAsked') return report;
  if (job?.committing) return 'retry';
  const isLast = (job?.attempts ?? 0) + 1 >= attempts && !job?.continuous;
  return report === 'retry' && isLast ? 'failed' : report;
};

/** Whether the report adds to the errors of the job. */
export const isFailure = (...reports: readonly Settled['report'][]) =>
  reports.some((report) => report === 'retry' || report === 'revertFailed');
