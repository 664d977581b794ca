/** PAUSE, RESUME and CANCEL: the same call that the mutations of the API make. */
import { checkScope } from '../auth/scope.ts';
import type { ControlOutcome } from '../store/store.ts';
import { OUTCOME_COLUMNS, type Row, statusWord } from './columns.ts';
import { STATE_OF_REFUSAL, sqlError } from './errors.ts';
import type { Source } from './parse.ts';
import { MOST_NOTICES, noticeRefusals } from './refusals.ts';
import { nestedSelection, selectionOf } from './selection.ts';
import { type Answer, done, type Session, table } from './session.ts';
import type { Statement } from './statement.ts';
import { textValue } from './values.ts';

type Command = Extract<Statement, { is: 'control' }>;

const MOST_OUTCOMES = 10_000;
const LONGEST_REASON = 1_024;

const FIELDS = { PAUSE: 'pauseJobs', RESUME: 'resumeJobs', CANCEL: 'cancelJobs' } as const;

/** @param isExplained only shows what would happen */
export const controlJobs = async (
  statement: Command,
  source: Source,
  session: Session,
  isExplained: boolean,
): Promise<Answer> => {
  const { caller, settings } = session;
  const { command, target } = statement;
  const dryRun = isExplained || settings.isDryRun;
  checkScope(caller.identity.scope, { operation: 'mutation', name: FIELDS[command], args: { dryRun } });
  const words = `${command} JOBS`;
  const hasRows = isExplained || statement.outcomes;
  const selected =
    target.is === 'select'
      ? await nestedSelection(target.select, words, source, session)
      : await selectionOf(target, words, source, session);
  const order = {
    command,
    jobs: selected,
    reason: reasonOf(statement, session),
    abortOnRefusal: settings.isAbort,
    dryRun,
    expectedCount: null,
    unchangedSince: null,
    list: hasRows
      ? { changed: MOST_OUTCOMES, refusals: MOST_OUTCOMES, selected: MOST_OUTCOMES }
      : { changed: 0, refusals: MOST_NOTICES + 1 },
  };
  const outcome = await caller.control(order, caller.access(), caller.identity);
  if (hasRows) return { ...table(OUTCOME_COLUMNS, outcomesOf(outcome)), tag: tagOf(words, outcome) };
  const [refusal] = outcome.refusals;
  if (refusal !== undefined && (target.is === 'id' || (settings.isAbort && !outcome.applied))) {
    const rest =
      outcome.refusedCount > 1 ? ` (and ${outcome.refusedCount - 1} other jobs refused; nothing has changed)` : '';
    throw sqlError(STATE_OF_REFUSAL[refusal.code], `${refusal.message}${rest}`);
  }
  noticeRefusals(session, outcome.refusals, outcome.refusedCount, 'jobs');
  if (dryRun) session.notice({ severity: 'NOTICE', sqlState: '00000', message: 'dry run: nothing has changed' });
  return done(tagOf(words, outcome)());
};

const tagOf =
  (words: string, { changedCount, unchangedCount }: ControlOutcome) =>
  () =>
    `${words} ${changedCount + unchangedCount}`;

const reasonOf = ({ reason }: Command, { parameters }: Session): string | null => {
  if (reason === null) return null;
  const text = textValue(reason, parameters);
  if (text.length <= LONGEST_REASON) return text;
  throw sqlError(
    'invalidValue',
    `REASON has ${text.length} characters: at most ${LONGEST_REASON} are allowed`,
    reason.at,
  );
};

/** A row for each job of the selection, in the order of their ids. */
const outcomesOf = ({ changed, refusals, selected }: ControlOutcome): readonly Row[] => {
  const rows = new Map<string, Row>(selected.map((id) => [id, [id, 'unchanged', null, null]]));
  for (const { jobId, from, to } of changed)
    rows.set(jobId, [jobId, 'changed', null, `${statusWord(from)} to ${statusWord(to)}`]);
  for (const { jobId, code, message } of refusals) rows.set(jobId, [jobId, 'refused', code, message]);
  return [...rows.values()].sort(([one], [other]) => Number(one) - Number(other));
};
