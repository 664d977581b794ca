/**
 * The state machine of a job. A *standing* is a status with the facts that decide what may happen to it; TRANSITIONS
 * says, for each command of a person and each report of a worker, where every standing goes. No other file decides
 * what `status` becomes: the guard of the store's UPDATE, refusals, `availableCommands` and docs/status-machine.md
 * are derived from here.
 *
 * A standing that a command does not list is refused. One that is listed as '=' is already so.
 */
export const JOB_STATUSES = [
  'PENDING',
  'RUNNING',
  'PAUSE_REQUESTED',
  'PAUSED',
  'CANCEL_REQUESTED',
  'REVERTING',
  'SUCCEEDED',
  'FAILED',
  'CANCELED',
] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

export const ENDED = ['SUCCEEDED', 'FAILED', 'CANCELED'] as const satisfies readonly JobStatus[];

export type RevertCause = 'cancel' | 'failure';

export interface Facts {
  readonly status: JobStatus;
  /** It has been claimed at least once. */
  readonly hasRun: boolean;
  /** A worker's claim is on it. */
  readonly held: boolean;
  readonly revertCause: RevertCause | null;
  /** Its work is being made visible, and can no longer be undone. */
  readonly committing: boolean;
}

/** Every standing with the facts that make it. Disjoint, and together all that can be. */
export const STANDINGS = {
  pending: { status: 'PENDING', hasRun: false },
  'pending, has run': { status: 'PENDING', hasRun: true, committing: false },
  'pending, committing': { status: 'PENDING', hasRun: true, committing: true },
  running: { status: 'RUNNING', committing: false },
  'running, committing': { status: 'RUNNING', committing: true },
  'pause-requested': { status: 'PAUSE_REQUESTED', revertCause: null },
  'pause-requested, reverting by cancel': { status: 'PAUSE_REQUESTED', revertCause: 'cancel' },
  'pause-requested, reverting by failure': { status: 'PAUSE_REQUESTED', revertCause: 'failure' },
  paused: { status: 'PAUSED', hasRun: false },
  'paused, has run': { status: 'PAUSED', hasRun: true, revertCause: null },
  'paused, reverting by cancel': { status: 'PAUSED', hasRun: true, revertCause: 'cancel' },
  'paused, reverting by failure': { status: 'PAUSED', hasRun: true, revertCause: 'failure' },
  'cancel-requested': { status: 'CANCEL_REQUESTED' },
  'reverting by cancel, held': { status: 'REVERTING', revertCause: 'cancel', held: true },
  'reverting by cancel': { status: 'REVERTING', revertCause: 'cancel', held: false },
  'reverting by failure, held': { status: 'REVERTING', revertCause: 'failure', held: true },
  'reverting by failure': { status: 'REVERTING', revertCause: 'failure', held: false },
  succeeded: { status: 'SUCCEEDED' },
  failed: { status: 'FAILED' },
  canceled: { status: 'CANCELED' },
} as const satisfies Record<string, Partial<Facts>>;
export type Standing = keyof typeof STANDINGS;

const standings = Object.entries(STANDINGS) as [Standing, Partial<Facts>][];

const standing = (facts: Facts): Standing => {
  const found = standings.find(([, wanted]) =>
    Object.entries(wanted).every(([fact, value]) => facts[fact as keyof Facts] === value),
  );
  if (found === undefined) throw new Error(`a job cannot stand like this: ${JSON.stringify(facts)}`);
  return found[0];
};

export const COMMANDS = ['PAUSE', 'RESUME', 'CANCEL'] as const;
export type JobCommand = (typeof COMMANDS)[number];

/**
 * Reports of a worker about a job that it holds. `claimed`: its epoch is recorded in the target. `stopped`: it has
 * released the job, for any reason. `retry`: it failed, and another attempt may help. `lost`: it ended without a report
 * and without a save; a job that was asked to stop is taken over instead, by `claimed`. `setBack`: the store is an older
 * copy, and its record of the job is out of date; a job that was committing waits to be resumed.
 */
export const REPORTS = [
  'claimed',
  'stopped',
  'committing',
  'finished',
  'failed',
  'retry',
  'pauseAsked',
  'reverted',
  'revertFailed',
  'lost',
  'setBack',
] as const;
export type Report = (typeof REPORTS)[number];

type Cell = JobStatus | '=';
type Row = Partial<Record<Standing, Cell>>;

const STAYS_REVERTING: Row = {
  'reverting by cancel, held': 'REVERTING',
  'reverting by failure, held': 'REVERTING',
  'pause-requested, reverting by cancel': 'PAUSED',
  'pause-requested, reverting by failure': 'PAUSED',
};

export const TRANSITIONS = {
  PAUSE: {
    pending: 'PAUSED',
    'pending, has run': 'PAUSED',
    running: 'PAUSE_REQUESTED',
    'pause-requested': '=',
    'pause-requested, reverting by cancel': '=',
    'pause-requested, reverting by failure': '=',
    paused: '=',
    'paused, has run': '=',
    'paused, reverting by cancel': '=',
    'paused, reverting by failure': '=',
    'reverting by cancel, held': 'PAUSE_REQUESTED',
    'reverting by failure, held': 'PAUSE_REQUESTED',
    'reverting by cancel': 'PAUSED',
    'reverting by failure': 'PAUSED',
  },
  RESUME: {
    pending: '=',
    'pending, has run': '=',
    'pending, committing': '=',
    running: '=',
    'running, committing': '=',
    'pause-requested': 'RUNNING',
    'pause-requested, reverting by cancel': 'REVERTING',
    'pause-requested, reverting by failure': 'REVERTING',
    paused: 'PENDING',
    'paused, has run': 'PENDING',
    'paused, reverting by cancel': 'REVERTING',
    'paused, reverting by failure': 'REVERTING',
    'reverting by cancel, held': '=',
    'reverting by failure, held': '=',
    'reverting by cancel': '=',
    'reverting by failure': '=',
  },
  CANCEL: {
    pending: 'CANCELED',
    'pending, has run': 'CANCEL_REQUESTED',
    running: 'CANCEL_REQUESTED',
    'pause-requested': 'CANCEL_REQUESTED',
    'pause-requested, reverting by cancel': '=',
    paused: 'CANCELED',
    'paused, has run': 'CANCEL_REQUESTED',
    'paused, reverting by cancel': '=',
    'cancel-requested': '=',
    'reverting by cancel, held': '=',
    'reverting by cancel': '=',
    canceled: '=',
  },
  claimed: {
    pending: 'RUNNING',
    'pending, has run': 'RUNNING',
    'pending, committing': 'RUNNING',
    running: 'RUNNING',
    'running, committing': 'RUNNING',
    'cancel-requested': 'REVERTING',
    'reverting by cancel': 'REVERTING',
    'reverting by failure': 'REVERTING',
    'pause-requested': 'PAUSED',
    ...STAYS_REVERTING,
  },
  stopped: {
    running: 'PENDING',
    'running, committing': 'PENDING',
    'pause-requested': 'PAUSED',
    'cancel-requested': 'REVERTING',
    ...STAYS_REVERTING,
  },
  committing: { running: 'RUNNING', 'running, committing': 'RUNNING' },
  finished: {
    running: 'SUCCEEDED',
    'running, committing': 'SUCCEEDED',
    'pause-requested': 'SUCCEEDED',
    'cancel-requested': 'REVERTING',
  },
  failed: {
    running: 'REVERTING',
    'running, committing': 'PENDING',
    'pause-requested': 'REVERTING',
    'cancel-requested': 'REVERTING',
  },
  retry: {
    running: 'PENDING',
    'running, committing': 'PENDING',
    'pause-requested': 'PAUSED',
    'cancel-requested': 'REVERTING',
  },
  pauseAsked: {
    running: 'PAUSED',
    'running, committing': 'PENDING',
    'pause-requested': 'PAUSED',
    'cancel-requested': 'REVERTING',
  },
  reverted: {
    // By cause: canceled or failed. See `afterUndoing`.
    'reverting by cancel, held': 'CANCELED',
    'reverting by failure, held': 'FAILED',
    'pause-requested, reverting by cancel': 'CANCELED',
    'pause-requested, reverting by failure': 'FAILED',
  },
  revertFailed: STAYS_REVERTING,
  lost: {
    running: 'PENDING',
    'running, committing': 'PENDING',
    'reverting by cancel, held': 'REVERTING',
    'reverting by failure, held': 'REVERTING',
  },
  setBack: {
    pending: 'PAUSED',
    'pending, has run': 'PAUSED',
    'pending, committing': 'PENDING',
    running: 'PAUSED',
    'running, committing': 'PENDING',
    'pause-requested': 'PAUSED',
    'pause-requested, reverting by cancel': 'PAUSED',
    'pause-requested, reverting by failure': 'PAUSED',
    paused: '=',
    'paused, has run': '=',
    'paused, reverting by cancel': '=',
    'paused, reverting by failure': '=',
    'cancel-requested': 'PAUSED',
    'reverting by cancel, held': 'PAUSED',
    'reverting by cancel': 'PAUSED',
    'reverting by failure, held': 'PAUSED',
    'reverting by failure': 'PAUSED',
  },
} as const satisfies Record<JobCommand | Report, Row>;

export type Move = keyof typeof TRANSITIONS;

/** Where a move takes a job; '=' when it is so already, null when the job refuses. */
export const transition = (move: Move, facts: Facts): Cell | null =>
  (TRANSITIONS[move] as Row)[standing(facts)] ?? null;
