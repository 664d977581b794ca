/** Who executes statements, and what lasts from one to the next. */
import type { Identity } from '../auth/identity.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Control } from '../engine/control.ts';
import type { Create } from '../engine/create.ts';
import type { Databases, EnvironmentOf } from '../engine/databases.ts';
import type { Feed } from '../engine/feed.ts';
import type { Runner } from '../engine/runner.ts';
import type { Schedules } from '../engine/schedules.ts';
import type { Viewers } from '../engine/viewers.ts';
import type { Access } from '../jobs/access.ts';
import type { JobId } from '../jobs/job.ts';
import type { Registry } from '../jobs/registry.ts';
import type { By, Store } from '../store/store.ts';
import type { Column, Row } from './columns.ts';
import type { Environment } from './constants.ts';
import { sqlError } from './errors.ts';
import type { Parameters } from './values.ts';

/** The server as the user of one statement reaches it. The context of a GraphQL operation is one. */
export interface Caller {
  readonly store: Store;
  readonly registry: Registry;
  readonly control: Control;
  readonly create: Create;
  readonly schedules: Schedules;
  readonly databases: Databases;
  readonly runner: Runner;
  readonly environmentOf: EnvironmentOf;
  readonly feed: Feed;
  readonly viewers: Viewers;
  readonly version: string;
  readonly maintenance: boolean;
  readonly now: () => number;
  readonly identity: Identity;
  viewer(): Viewer;
  access(): Access;
  /** The user, for the audit log. */
  by(): By;
  /** Its signal is aborted when nobody waits for the answer any more. */
  readonly operation: { signal?: AbortSignal };
}

export interface Notice {
  readonly severity: 'NOTICE' | 'WARNING';
  readonly sqlState: string;
  readonly message: string;
}

/** The messages of a changefeed after a position, which acknowledges those up to it. */
export type ReadChangefeed = (
  jobId: JobId,
  after: number | null,
  caller: Caller,
  signal: AbortSignal,
) => Promise<AsyncIterable<{ readonly seq: number }>>;

export interface Cursors {
  declare(name: string, answer: Answer): void;
  /** A count of null: all rows. @throws 34000 */
  fetch(name: string, count: number | null, signal: AbortSignal): Answer;
  close(name: string | null): void;
}

/** How a statement is executed. */
export interface Session {
  readonly caller: Caller;
  readonly parameters: Parameters;
  readonly settings: Settings;
  notice(notice: Notice): void;
  /** Whether a statement may wait for jobs, and stream. Otherwise a statement that creates a job answers at once. */
  readonly mayWait: boolean;
  /** Whether it may change anything. */
  readonly mayWrite: boolean;
  /** Aborted when the statement is canceled. */
  readonly signal: AbortSignal;
  /** Removes a prepared statement, or all. */
  readonly deallocate?: (name: string | null) => void;
  readonly cursors?: Cursors;
  /** Reads a changefeed without a sink. */
  readonly changefeed?: ReadChangefeed;
}

/** What a statement answers. */
export interface Answer {
  /** Null: it returns no rows. */
  readonly columns: readonly Column[] | null;
  readonly rows: AsyncIterable<Row> | Iterable<Row>;
  /** The command tag, once so many rows have been sent. */
  readonly tag: (rows: number) => string;
  readonly jobs: readonly JobId[];
}

export const done = (tag: string): Answer => ({ columns: null, rows: [], tag: () => tag, jobs: [] });

export const table = (columns: readonly Column[], rows: Answer['rows'], tag = 'SELECT'): Answer => ({
  columns,
  rows,
  tag: (count) => `${tag} ${count}`,
  jobs: [],
});

export const environmentOf = ({ caller, parameters, settings }: Session): Environment => ({
  parameters,
  now: caller.now(),
  userName: caller.viewer().name,
  database: settings.database,
  version: caller.version,
  position: () => undefined,
});

/** The settings that mean something here, with their defaults. Programs set others when they connect. */
const OWN = { 'signalbox.on_refusal': 'skip', 'signalbox.dry_run': 'off', 'signalbox.detached': 'off' } as const;

const OF_POSTGRES: Readonly<Record<string, string>> = {
  server_version: '15.0',
  server_version_num: '150000',
  server_encoding: 'UTF8',
  client_encoding: 'UTF8',
  standard_conforming_strings: 'on',
  datestyle: 'ISO, MDY',
  intervalstyle: 'postgres',
  timezone: 'UTC',
  integer_datetimes: 'on',
  transaction_isolation: 'serializable',
  default_transaction_isolation: 'serializable',
  transaction_read_only: 'off',
  default_transaction_read_only: 'off',
  application_name: '',
  extra_float_digits: '3',
  search_path: 'public',
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  client_min_messages: 'notice',
  bytea_output: 'hex',
  row_security: 'on',
  synchronize_seqscans: 'on',
  max_identifier_length: '63',
  max_index_keys: '32',
  is_superuser: 'off',
  session_authorization: '',
  characteristics: '',
  jit: 'off',
};

/** Settings of which only one value is supported. */
const FIXED: Readonly<Record<string, RegExp>> = {
  client_encoding: /^(utf-?8|unicode|sql_ascii)$/i,
  standard_conforming_strings: /^(on|true|1|yes)$/i,
  timezone: /^(utc|gmt|z|etc\/utc|default|local|0)$/i,
  datestyle: /^iso\b/i,
  intervalstyle: /^postgres$/i,
  bytea_output: /^hex$/i,
};

export class Settings {
  /** The database that USE has chosen. */
  database: string | null = null;
  readonly #values = new Map<string, string>();

  get isAbort(): boolean {
    return this.get('signalbox.on_refusal') === 'abort';
  }
  get isDryRun(): boolean {
    return this.get('signalbox.dry_run') === 'on';
  }
  get isDetached(): boolean {
    return this.get('signalbox.detached') === 'on';
  }

  /** @throws 42704 */
  get(name: string, at?: number): string {
    if (name === 'database') return this.database ?? 'signalbox';
    const value =
      this.#values.get(name) ??
      (OWN as Readonly<Record<string, string>>)[name] ??
      (Object.hasOwn(OF_POSTGRES, name) ? OF_POSTGRES[name] : undefined);
    if (value !== undefined) return value;
    throw sqlError('undefinedObject', `unrecognized configuration parameter ${JSON.stringify(name)}`, at);
  }

  /** A null value or DEFAULT resets. @throws 42704 for an unknown setting, 22023 for a value that it cannot have */
  set(name: string, value: string | null, at?: number): void {
    if (name === 'all' && value === null) {
      this.reset();
      return;
    }
    this.get(name, at);
    if (value === null || value.toLowerCase() === 'default') {
      this.#values.delete(name);
      return;
    }
    this.#values.set(name, checked(name, value, at));
  }

  /** All settings, for SHOW ALL. */
  all(): readonly (readonly [string, string])[] {
    return [...Object.keys(OWN), ...Object.keys(OF_POSTGRES)].sort().map((name) => [name, this.get(name)] as const);
  }

  reset(): void {
    this.#values.clear();
  }
}

const checked = (name: string, value: string, at?: number): string => {
  const fail = (allowed: string): never => {
    throw sqlError(
      'invalidValue',
      `invalid value for parameter ${JSON.stringify(name)}: ${JSON.stringify(value.slice(0, 100))}${allowed}`,
      at,
    );
  };
  if (name === 'signalbox.on_refusal') {
    return /^(skip|abort)$/i.test(value) ? value.toLowerCase() : fail(': it must be skip or abort');
  }
  if (name in OWN) {
    if (/^(on|true|yes|1)$/i.test(value)) return 'on';
    return /^(off|false|no|0)$/i.test(value) ? 'off' : fail(': it must be on or off');
  }
  const only = Object.hasOwn(FIXED, name) ? FIXED[name] : undefined;
  if (only !== undefined && !only.test(value)) fail(`: only ${OF_POSTGRES[name]} is supported`);
  return value;
};
