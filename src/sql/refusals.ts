/** Notices about jobs or schedules that a command has refused. */
import type { ControlOutcome } from '../store/store.ts';
import { STATE_OF_REFUSAL, STATES } from './errors.ts';
import type { Session } from './session.ts';

export const MOST_NOTICES = 100;

/** A notice for each of the first refusals, and one that counts the others. */
export const noticeRefusals = (
  session: Session,
  refusals: readonly Pick<ControlOutcome['refusals'][number], 'code' | 'message'>[],
  count: number,
  noun: 'jobs' | 'schedules',
) => {
  for (const { code, message } of refusals.slice(0, MOST_NOTICES)) {
    session.notice({ severity: 'NOTICE', sqlState: STATES[STATE_OF_REFUSAL[code]], message });
  }
  const left = count - MOST_NOTICES;
  if (left > 0) session.notice({ severity: 'NOTICE', sqlState: '00000', message: `${left} other ${noun} refused` });
};
