/** The columns and parameters of a statement, before it is executed. */
import { BACKUP_COLUMNS, LIST_COLUMNS } from './backups.ts';
import type { Column, ParameterType } from './columns.ts';
import { FEED_COLUMNS, JOB_COLUMNS, OUTCOME_COLUMNS } from './columns.ts';
import { creationColumns, resolveInput } from './create.ts';
import { parseStatement, type Source } from './parse.ts';
import { CREATED_COLUMNS, SCHEDULE_COLUMNS, STATEMENT_COLUMNS, scheduleIdsOf } from './schedules.ts';
import { selectRows } from './select-rows.ts';
import { selectionOf } from './selection.ts';
import type { Session } from './session.ts';
import type { Statement } from './statement.ts';
import { idValue, parameterTypes, textValue } from './values.ts';

export interface Description {
  /** Null: it returns no rows. */
  readonly columns: readonly Column[] | null;
  readonly parameters: ReadonlyMap<number, ParameterType>;
}

/** @throws SignalboxError for a statement that cannot be executed, whatever its parameters are */
export const describeStatement = async (source: Source, session: Session): Promise<Description> => {
  const parameters = parameterTypes();
  const columns = await columnsOf(parseStatement(source), source, { ...session, parameters });
  return { columns, parameters: parameters.types };
};

const columnsOf = async (statement: Statement, source: Source, session: Session): Promise<readonly Column[] | null> => {
  switch (statement.is) {
    case 'control':
      await selectionOf(statement.target, `${statement.command} JOBS`, source, session);
      if (statement.reason !== null) textValue(statement.reason, session.parameters);
      return statement.outcomes ? OUTCOME_COLUMNS : null;
    case 'explain':
      await columnsOf(statement.of, source, session);
      return OUTCOME_COLUMNS;
    case 'showJobs':
      if (statement.shown.is === 'id') idValue(statement.shown.id, session.parameters);
      if (statement.shown.is === 'select') {
        await selectionOf({ is: 'select', select: statement.shown.select }, 'SHOW JOBS', source, session);
      }
      if (statement.shown.is === 'schedules') await scheduleIdsOf(statement.shown.schedules, session);
      return statement.shown.is === 'changefeed' ? FEED_COLUMNS : JOB_COLUMNS;
    case 'select':
      return (await selectRows(statement.select, source, session)).columns;
    case 'show':
      if (statement.name !== 'all') return [{ name: statement.name, type: 'text' }];
      return ['name', 'setting'].map((name) => ({ name, type: 'text' }) as const);
    case 'declare':
      await columnsOf(statement.of, source, session);
      return null;
    case 'fetch':
      return session.cursors?.fetch(statement.name, 0, session.signal).columns ?? null;
    case 'create':
      resolveInput(statement.input, session.parameters);
      return creationColumns(statement, session);
    case 'schedules':
      await scheduleIdsOf(statement.target, session);
      return null;
    case 'createSchedule':
      resolveInput([statement.label, statement.cron, statement.backup, statement.options], session.parameters);
      return CREATED_COLUMNS;
    case 'showSchedules':
      if (statement.id !== null) idValue(statement.id, session.parameters);
      return SCHEDULE_COLUMNS;
    case 'showCreateSchedule':
      idValue(statement.id, session.parameters);
      return STATEMENT_COLUMNS;
    case 'showBackups':
      textValue(statement.url, session.parameters);
      return LIST_COLUMNS;
    case 'showBackup':
      for (const literal of [statement.below, statement.url]) {
        if (literal !== null && literal !== 'latest') textValue(literal, session.parameters);
      }
      return BACKUP_COLUMNS;
    default:
      return null;
  }
};
