/** Executes one statement. Both doors end here: the mutation of the API, and the port. */
import { checkScope } from '../auth/scope.ts';
import { requireNoMaintenance } from '../jobs/access.ts';
import { showBackup, showBackups } from './backups.ts';
import { controlJobs } from './control.ts';
import { createJob } from './create.ts';
import { sqlError } from './errors.ts';
import { parseStatement, type Source } from './parse.ts';
import { showJobs, showSelected, showWhenComplete } from './read-jobs.ts';
import { commandSchedules, createSchedule, showCreateSchedule, showSchedules } from './schedules.ts';
import { selectRows } from './select-rows.ts';
import { jobsOfSchedules, nestedSelection } from './selection.ts';
import { type Answer, done, type Session, table } from './session.ts';
import type { Statement } from './statement.ts';
import { idValue, textValue } from './values.ts';

/** @throws SignalboxError; one about the text has `sqlState` and `position` */
export const execute = async (source: Source, session: Session): Promise<Answer> =>
  run(parseStatement(source), source, session);

/** Statements that change something, or create a job. EXPLAIN of one does not. */
const writes = ({ is }: Statement): boolean =>
  is === 'control' || is === 'create' || is === 'schedules' || is === 'createSchedule';

const run = async (statement: Statement, source: Source, session: Session): Promise<Answer> => {
  const { caller, settings } = session;
  if (writes(statement)) {
    if (!session.mayWrite)
      throw sqlError('notSupported', 'this statement changes something: send it with the mutation execute');
    requireNoMaintenance(caller.viewer(), caller.maintenance);
  } else checkScope(caller.identity.scope, { operation: 'query', name: 'statement', args: {} });
  switch (statement.is) {
    case 'empty':
      return done('');
    case 'control':
      return controlJobs(statement, source, session, false);
    case 'explain':
      return explain(statement.of, source, session);
    case 'showJobs':
      return show(statement, source, session);
    case 'select':
      return selectRows(statement.select, source, session);
    case 'show':
      return showSetting(statement, session);
    case 'set':
      lasting(session, 'SET');
      settings.set(statement.name, statement.value, statement.at);
      return done(statement.value === null ? 'RESET' : 'SET');
    case 'transaction':
      if (statement.tag === 'BEGIN') {
        const message = 'each statement is a transaction of its own: BEGIN, COMMIT and ROLLBACK have no effect';
        session.notice({ severity: 'NOTICE', sqlState: '00000', message });
      }
      return done(statement.tag);
    case 'discard':
      if (statement.tag === 'DISCARD ALL') settings.reset();
      return done(statement.tag);
    case 'deallocate':
      session.deallocate?.(statement.name);
      return done(statement.name === null ? 'DEALLOCATE ALL' : 'DEALLOCATE');
    case 'declare':
    case 'fetch':
    case 'close':
      return useCursor(statement, source, session);
    case 'create':
      return createJob(statement, session);
    case 'schedules':
      return commandSchedules(statement, session);
    case 'createSchedule':
      return createSchedule(statement, session);
    case 'showSchedules':
      return showSchedules(statement, session);
    case 'showCreateSchedule':
      return showCreateSchedule(statement, session);
    case 'showBackups':
      return showBackups(statement, session);
    case 'showBackup':
      return showBackup(statement, session);
    case 'use':
      lasting(session, 'USE');
      settings.database = await databaseNamed(textValue(statement.database, session.parameters), session);
      return done('SET');
  }
};

const useCursor = async (
  statement: Extract<Statement, { is: 'declare' | 'fetch' | 'close' }>,
  source: Source,
  session: Session,
): Promise<Answer> => {
  const { cursors, signal } = session;
  if (cursors === undefined) throw sqlError('notSupported', 'cursors are for the SQL port');
  if (statement.is === 'fetch') return cursors.fetch(statement.name, statement.count, signal);
  if (statement.is === 'close') {
    cursors.close(statement.name);
    return done(statement.name === null ? 'CLOSE CURSOR ALL' : 'CLOSE CURSOR');
  }
  cursors.declare(statement.name, await run(statement.of, source, session));
  return done('DECLARE CURSOR');
};

/** A single statement has no session that settings could last for. */
const lasting = ({ mayWait }: Session, words: string): void => {
  if (mayWait) return;
  throw sqlError(
    'notSupported',
    `${words} has no effect here, since each statement is a session of its own: use EXPLAIN, or the SQL port`,
  );
};

const explain = (of: Statement, source: Source, session: Session): Promise<Answer> => {
  if (of.is !== 'control') throw sqlError('notSupported', 'EXPLAIN is for PAUSE, RESUME and CANCEL');
  return controlJobs(of, source, session, true);
};

const show = async (
  { shown, whenComplete }: Extract<Statement, { is: 'showJobs' }>,
  source: Source,
  session: Session,
) => {
  if (shown.is === 'schedules') {
    return showSelected(session, { where: await jobsOfSchedules(shown.schedules, session) });
  }
  if (shown.is !== 'id' && shown.is !== 'select') return showJobs(session, shown.is);
  const selection =
    shown.is === 'id'
      ? { ids: [idValue(shown.id, session.parameters)] }
      : await nestedSelection(shown.select, 'SHOW JOBS', source, session);
  return whenComplete ? showWhenComplete(session, selection) : showSelected(session, selection);
};

const showSetting = ({ name, at }: Extract<Statement, { is: 'show' }>, { settings }: Session): Answer => {
  if (name !== 'all') return table([{ name, type: 'text' }], [[settings.get(name, at)]], 'SHOW');
  const columns = ['name', 'setting'].map((column) => ({ name: column, type: 'text' }) as const);
  return table(columns, settings.all(), 'SHOW');
};

const databaseNamed = async (name: string, { caller }: Session): Promise<string> => {
  const known = await caller.databases.list(caller.viewer());
  if (known.some((database) => database.name === name)) return name;
  throw sqlError('undefinedObject', `database ${JSON.stringify(name)} does not exist`);
};
