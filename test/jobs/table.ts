import { ENDED, type Facts, type JobStatus } from '../../src/jobs/status.ts';

export const facts = (status: Facts['status'], more: Partial<Facts> = {}): Facts => ({
  status,
  hasRun: true,
  held: false,
  revertCause: null,
  committing: false,
  ...more,
});
const cancel = { revertCause: 'cancel' } as const;
const failure = { revertCause: 'failure' } as const;
const held = { held: true } as const;

/** Every standing, by the facts that make it. */
export const STANDS = {
  'PENDING, never run': facts('PENDING', { hasRun: false }),
  'PENDING, has run': facts('PENDING'),
  'PENDING, committing': facts('PENDING', { committing: true }),
  RUNNING: facts('RUNNING', held),
  'RUNNING, its claim dead': facts('RUNNING'),
  'RUNNING, committing': facts('RUNNING', { ...held, committing: true }),
  PAUSE_REQUESTED: facts('PAUSE_REQUESTED', held),
  'PAUSE_REQUESTED while reverting by cancel': facts('PAUSE_REQUESTED', { ...held, ...cancel }),
  'PAUSE_REQUESTED while reverting by failure': facts('PAUSE_REQUESTED', { ...held, ...failure }),
  'PAUSED, never run': facts('PAUSED', { hasRun: false }),
  'PAUSED, has run': facts('PAUSED'),
  'PAUSED while reverting by cancel': facts('PAUSED', cancel),
  'PAUSED while reverting by failure': facts('PAUSED', failure),
  'CANCEL_REQUESTED, held': facts('CANCEL_REQUESTED', { ...held, ...cancel }),
  'CANCEL_REQUESTED, not held': facts('CANCEL_REQUESTED', cancel),
  'REVERTING by cancel, held': facts('REVERTING', { ...held, ...cancel }),
  'REVERTING by cancel, not held': facts('REVERTING', cancel),
  'REVERTING by failure, held': facts('REVERTING', { ...held, ...failure }),
  'REVERTING by failure, not held': facts('REVERTING', failure),
  SUCCEEDED: facts('SUCCEEDED'),
  FAILED: facts('FAILED', failure),
  CANCELED: facts('CANCELED', cancel),
} as const;
export type Stand = keyof typeof STANDS;

/** Section 2 by hand: what PAUSE, RESUME and CANCEL do. `=` already so, `-` refused. */
export const COMMANDS: Record<Stand, readonly [pause: string, resume: string, cancel: string]> = {
  'PENDING, never run': ['PAUSED', '=', 'CANCELED'],
  'PENDING, has run': ['PAUSED', '=', 'CANCEL_REQUESTED'],
  'PENDING, committing': ['-', '=', '-'],
  RUNNING: ['PAUSE_REQUESTED', '=', 'CANCEL_REQUESTED'],
  'RUNNING, its claim dead': ['PAUSE_REQUESTED', '=', 'CANCEL_REQUESTED'],
  'RUNNING, committing': ['-', '=', '-'],
  PAUSE_REQUESTED: ['=', 'RUNNING', 'CANCEL_REQUESTED'],
  'PAUSE_REQUESTED while reverting by cancel': ['=', 'REVERTING', '='],
  'PAUSE_REQUESTED while reverting by failure': ['=', 'REVERTING', '-'],
  'PAUSED, never run': ['=', 'PENDING', 'CANCELED'],
  'PAUSED, has run': ['=', 'PENDING', 'CANCEL_REQUESTED'],
  'PAUSED while reverting by cancel': ['=', 'REVERTING', '='],
  'PAUSED while reverting by failure': ['=', 'REVERTING', '-'],
  'CANCEL_REQUESTED, held': ['-', '-', '='],
  'CANCEL_REQUESTED, not held': ['-', '-', '='],
  'REVERTING by cancel, held': ['PAUSE_REQUESTED', '=', '='],
  'REVERTING by cancel, not held': ['PAUSED', '=', '='],
  'REVERTING by failure, held': ['PAUSE_REQUESTED', '=', '-'],
  'REVERTING by failure, not held': ['PAUSED', '=', '-'],
  SUCCEEDED: ['-', '-', '-'],
  FAILED: ['-', '-', '-'],
  CANCELED: ['-', '-', '='],
};

/** Section 3 by hand: what a report makes of each standing. What is not listed cannot be reported. */
export const REPORTS: Record<string, Partial<Record<Stand, string>>> = {
  claimed: {
    'PENDING, never run': 'RUNNING',
    'PENDING, has run': 'RUNNING',
    'PENDING, committing': 'RUNNING',
    RUNNING: 'RUNNING',
    'RUNNING, its claim dead': 'RUNNING',
    'RUNNING, committing': 'RUNNING',
    PAUSE_REQUESTED: 'PAUSED',
    'PAUSE_REQUESTED while reverting by cancel': 'PAUSED',
    'PAUSE_REQUESTED while reverting by failure': 'PAUSED',
    'CANCEL_REQUESTED, held': 'REVERTING',
    'CANCEL_REQUESTED, not held': 'REVERTING',
    'REVERTING by cancel, held': 'REVERTING',
    'REVERTING by cancel, not held': 'REVERTING',
    'REVERTING by failure, held': 'REVERTING',
    'REVERTING by failure, not held': 'REVERTING',
  },
  stopped: {
    RUNNING: 'PENDING',
    'RUNNING, its claim dead': 'PENDING',
    'RUNNING, committing': 'PENDING',
    PAUSE_REQUESTED: 'PAUSED',
    'PAUSE_REQUESTED while reverting by cancel': 'PAUSED',
    'PAUSE_REQUESTED while reverting by failure': 'PAUSED',
    'CANCEL_REQUESTED, held': 'REVERTING',
    'CANCEL_REQUESTED, not held': 'REVERTING',
    'REVERTING by cancel, held': 'REVERTING',
    'REVERTING by failure, held': 'REVERTING',
  },
  committing: { RUNNING: 'RUNNING', 'RUNNING, its claim dead': 'RUNNING', 'RUNNING, committing': 'RUNNING' },
  finished: {
    RUNNING: 'SUCCEEDED',
    'RUNNING, its claim dead': 'SUCCEEDED',
    'RUNNING, committing': 'SUCCEEDED',
    PAUSE_REQUESTED: 'SUCCEEDED',
    'CANCEL_REQUESTED, held': 'REVERTING',
    'CANCEL_REQUESTED, not held': 'REVERTING',
  },
  failed: {
    RUNNING: 'REVERTING',
    'RUNNING, its claim dead': 'REVERTING',
    'RUNNING, committing': 'PENDING',
    PAUSE_REQUESTED: 'REVERTING',
    'CANCEL_REQUESTED, held': 'REVERTING',
    'CANCEL_REQUESTED, not held': 'REVERTING',
  },
  retry: {
    RUNNING: 'PENDING',
    'RUNNING, its claim dead': 'PENDING',
    'RUNNING, committing': 'PENDING',
    PAUSE_REQUESTED: 'PAUSED',
    'CANCEL_REQUESTED, held': 'REVERTING',
    'CANCEL_REQUESTED, not held': 'REVERTING',
  },
  pauseAsked: {
    RUNNING: 'PAUSED',
    'RUNNING, its claim dead': 'PAUSED',
    'RUNNING, committing': 'PENDING',
    PAUSE_REQUESTED: 'PAUSED',
    'CANCEL_REQUESTED, held': 'REVERTING',
    'CANCEL_REQUESTED, not held': 'REVERTING',
  },
  reverted: {
    'REVERTING by cancel, held': 'CANCELED',
    'REVERTING by failure, held': 'FAILED',
    'PAUSE_REQUESTED while reverting by cancel': 'CANCELED',
    'PAUSE_REQUESTED while reverting by failure': 'FAILED',
  },
  revertFailed: {
    'REVERTING by cancel, held': 'REVERTING',
    'REVERTING by failure, held': 'REVERTING',
    'PAUSE_REQUESTED while reverting by cancel': 'PAUSED',
    'PAUSE_REQUESTED while reverting by failure': 'PAUSED',
  },
  lost: {
    RUNNING: 'PENDING',
    'RUNNING, its claim dead': 'PENDING',
    'RUNNING, committing': 'PENDING',
    'REVERTING by cancel, held': 'REVERTING',
    'REVERTING by failure, held': 'REVERTING',
  },
  setBack: {
    'PENDING, never run': 'PAUSED',
    'PENDING, has run': 'PAUSED',
    'PENDING, committing': 'PENDING',
    RUNNING: 'PAUSED',
    'RUNNING, its claim dead': 'PAUSED',
    'RUNNING, committing': 'PENDING',
    PAUSE_REQUESTED: 'PAUSED',
    'PAUSE_REQUESTED while reverting by cancel': 'PAUSED',
    'PAUSE_REQUESTED while reverting by failure': 'PAUSED',
    'PAUSED, never run': '=',
    'PAUSED, has run': '=',
    'PAUSED while reverting by cancel': '=',
    'PAUSED while reverting by failure': '=',
    'CANCEL_REQUESTED, held': 'PAUSED',
    'CANCEL_REQUESTED, not held': 'PAUSED',
    'REVERTING by cancel, held': 'PAUSED',
    'REVERTING by cancel, not held': 'PAUSED',
    'REVERTING by failure, held': 'PAUSED',
    'REVERTING by failure, not held': 'PAUSED',
  },
};

const stands = Object.entries(STANDS) as [Stand, Facts][];
const deciding = ['status', 'hasRun', 'held', 'revertCause', 'committing'] as const;

/** How a job with these facts stands. Of one that has ended only the status counts. */
export const standOf = (wanted: Facts): Stand => {
  const hasEnded = (ENDED as readonly JobStatus[]).includes(wanted.status);
  const found = stands.find(([, known]) =>
    hasEnded ? known.status === wanted.status : deciding.every((fact) => known[fact] === wanted[fact]),
  );
  if (found === undefined) throw new Error(`no job may stand like this: ${JSON.stringify(wanted)}`);
  return found[0];
};
