/** What a statement says, before it is executed. */
import type { JobCommand } from '../jobs/status.ts';
import type { Literal } from './reader.ts';

/** A part of the text of a statement: a SELECT that PostgreSQL's parser reads. */
export interface Nested {
  readonly from: number;
  readonly to: number;
}

/** The jobs of a command. */
export type Target =
  | { readonly is: 'id'; readonly id: Literal }
  | { readonly is: 'select'; readonly select: Nested }
  | { readonly is: 'type'; readonly name: string; readonly at: number }
  | { readonly is: 'schedules'; readonly schedules: SchedulesTarget };

/** The schedules of a statement. */
export type SchedulesTarget =
  | { readonly is: 'ids'; readonly ids: readonly Literal[] }
  | { readonly is: 'where'; readonly where: readonly ScheduleCondition[] };

export interface ScheduleCondition {
  readonly column: 'id' | 'label' | 'owner' | 'schedule_status' | 'recurrence';
  /** By <> instead of =. */
  readonly isNegated: boolean;
  readonly value: Literal;
}

export const SHOWN = ['recent', 'automatic', 'changefeed'] as const;

export type Shown =
  | { readonly is: (typeof SHOWN)[number] }
  | { readonly is: 'id'; readonly id: Literal }
  | { readonly is: 'select'; readonly select: Nested }
  | { readonly is: 'schedules'; readonly schedules: SchedulesTarget };

/** A statement that creates a job, as the input of its kind. Its values may be literals: see `resolveInput`. */
export interface Creation {
  readonly is: 'create';
  readonly typeName: 'BACKUP' | 'RESTORE' | 'IMPORT' | 'CHANGEFEED' | 'SCHEMA_CHANGE';
  readonly tag: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Answers with the id of the job, and does not wait for its end. */
  readonly detached: boolean;
  /** A changefeed without a sink: its messages are the rows. */
  readonly streams?: boolean;
  /** What has to be found first: the table of an index; where a new backup goes; the newest backup, or parent. */
  readonly lookUp?: 'tableOfIndex' | 'newBackupIn' | 'latestBackup' | 'latestParent';
}

export type Statement =
  | {
      readonly is: 'control';
      readonly command: JobCommand;
      readonly target: Target;
      readonly reason: Literal | null;
      readonly outcomes: boolean;
    }
  | { readonly is: 'showJobs'; readonly shown: Shown; readonly whenComplete: boolean }
  | { readonly is: 'select'; readonly select: Nested }
  | { readonly is: 'explain'; readonly of: Statement }
  | Creation
  | { readonly is: 'showBackups'; readonly url: Literal }
  | { readonly is: 'showBackup'; readonly url: Literal; readonly below: Literal | 'latest' | null }
  | { readonly is: 'schedules'; readonly command: 'PAUSE' | 'RESUME' | 'DROP'; readonly target: SchedulesTarget }
  | { readonly is: 'showSchedules'; readonly status: 'ACTIVE' | 'PAUSED' | null; readonly id: Literal | null }
  | { readonly is: 'showCreateSchedule'; readonly id: Literal }
  | {
      readonly is: 'createSchedule';
      readonly ifNotExists: boolean;
      readonly label: Literal | null;
      readonly cron: Literal;
      /** The input of the backup. Its values may be literals. */
      readonly backup: Readonly<Record<string, unknown>>;
      /** Each backup has a folder of its own below the destination. */
      readonly below: boolean;
      readonly options: Readonly<Record<string, unknown>>;
    }
  | { readonly is: 'use'; readonly database: Literal }
  | { readonly is: 'set'; readonly name: string; readonly value: string | null; readonly at: number }
  | { readonly is: 'show'; readonly name: string; readonly at: number }
  | { readonly is: 'transaction'; readonly tag: 'BEGIN' | 'COMMIT' | 'ROLLBACK' }
  | { readonly is: 'discard'; readonly tag: 'DISCARD ALL' | 'UNLISTEN' }
  /** Cursors of the port: psql uses them with FETCH_COUNT. */
  | { readonly is: 'declare'; readonly name: string; readonly of: Statement }
  /** A count of null: all rows. */
  | { readonly is: 'fetch'; readonly name: string; readonly count: number | null }
  | { readonly is: 'close'; readonly name: string | null }
  /** A prepared statement of the port; null: all of them. */
  | { readonly is: 'deallocate'; readonly name: string | null }
  | { readonly is: 'empty' };
