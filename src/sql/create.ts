/** BACKUP, RESTORE, IMPORT, CREATE CHANGEFEED and changes of tables: the same call that the mutations of the API make. */
import { checkScope } from '../auth/scope.ts';
import { awaitJobs } from '../engine/wait.ts';
import { forbidden } from '../errors.ts';
import type { Job, JobId } from '../jobs/job.ts';
import { latestBackup, newBackupName, urlBelow } from './backups.ts';
import { canceled } from './canceled.ts';
import type { Column, Row } from './columns.ts';
import { sqlError } from './errors.ts';
import type { Literal } from './reader.ts';
import type { Answer, Session } from './session.ts';
import type { Creation } from './statement.ts';
import { type Parameters, textValue } from './values.ts';

const ID: Column = { name: 'job_id', type: 'int8' };
const RESULT: readonly Column[] = [
  ID,
  { name: 'status', type: 'text' },
  { name: 'fraction_completed', type: 'float8' },
  { name: 'rows', type: 'int8' },
  { name: 'bytes', type: 'int8' },
];
const MESSAGES: readonly Column[] = [
  { name: 'table', type: 'text' },
  { name: 'key', type: 'json' },
  { name: 'value', type: 'json' },
];

const FIELDS = {
  BACKUP: 'createBackup',
  RESTORE: 'createRestore',
  IMPORT: 'createImport',
  CHANGEFEED: 'createChangefeed',
  SCHEMA_CHANGE: 'createSchemaChange',
} as const;

const isDetached = ({ detached }: Creation, { mayWait, settings }: Session) =>
  detached || !mayWait || settings.isDetached;

export const creationColumns = (statement: Creation, session: Session): readonly Column[] | null => {
  if (statement.streams === true) return MESSAGES;
  if (isDetached(statement, session)) return [ID];
  return statement.typeName === 'SCHEMA_CHANGE' ? null : RESULT;
};

export const createJob = async (statement: Creation, session: Session): Promise<Answer> => {
  const { caller, settings } = session;
  checkScope(caller.identity.scope, { operation: 'mutation', name: FIELDS[statement.typeName], args: {} });
  if (settings.isDryRun)
    throw sqlError('notSupported', 'signalbox.dry_run is for PAUSE, RESUME and CANCEL: no job was created');
  const { streams = false } = statement;
  if (streams && (!session.mayWait || session.changefeed === undefined)) {
    throw sqlError(
      'notSupported',
      'a changefeed without a sink is not possible here: use createChangefeed and the subscription changefeed, or the SQL port',
    );
  }
  const input = await inputOf(statement, session);
  const { identity } = caller;
  const creator = { viewer: caller.viewer(), tokenId: identity.tokenId, signal: () => caller.operation.signal };
  const { id } = await caller.create(statement.typeName, input, creator);
  const columns = creationColumns(statement, session);
  const answer = { columns, tag: () => statement.tag, jobs: [id] };
  if (streams) return { ...answer, rows: follow(id, session) };
  if (isDetached(statement, session)) return { ...answer, rows: [[id]] };
  if (columns === null)
    session.notice({
      severity: 'NOTICE',
      sqlState: '00000',
      message: `waiting for job ${id}: if you cancel this statement, the job goes on`,
    });
  return { ...answer, rows: waitFor(id, columns !== null, session) };
};

const isLiteral = (value: object): value is Literal => 'is' in value && 'at' in value;

/** An input in which literals are replaced by their values. */
export const resolveInput = (value: unknown, parameters: Parameters): unknown => {
  if (Array.isArray(value)) return value.map((item) => resolveInput(item, parameters));
  if (typeof value !== 'object' || value === null) return value;
  if (isLiteral(value)) return textValue(value, parameters);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, resolveInput(part, parameters)]));
};

const inputOf = async (
  { input: given, lookUp, typeName }: Creation,
  session: Session,
): Promise<Record<string, unknown>> => {
  const { below, ...input } = resolveInput(given, session.parameters) as Record<string, unknown>;
  if (typeof below === 'string') input.source = urlBelow(String(input.source), below);
  const { caller, settings } = session;
  if (lookUp === 'latestBackup') input.source = await latestBackup(String(input.source), caller);
  if (lookUp === 'latestParent') input.incrementalFrom = await latestBackup(String(input.destination), caller);
  if (lookUp === 'newBackupIn' || lookUp === 'latestParent') {
    input.destination = urlBelow(String(input.destination), newBackupName(caller.now()));
  }
  input.database ??= settings.database;
  if (input.database === null) {
    throw sqlError(
      'undefinedObject',
      `${typeName.replace('_', ' ')} needs a database: write db.table, or choose one with USE`,
    );
  }
  return lookUp === 'tableOfIndex' ? withTable(input, session) : input;
};

/** DROP INDEX names no table. */
const withTable = async (input: Record<string, unknown>, { caller }: Session): Promise<Record<string, unknown>> => {
  const [change] = input.changes as readonly { readonly dropIndex: { readonly name: string } }[];
  const name = change?.dropIndex.name ?? '';
  const viewer = caller.viewer();
  const database = (await caller.databases.list(viewer)).find((known) => known.name === input.database);
  if (database === undefined)
    throw sqlError('undefinedObject', `database ${JSON.stringify(input.database)} does not exist`);
  const { shape, error } = await caller.databases.read(database);
  if (shape === null) throw forbidden(`database ${database.name} cannot be read: ${error}`);
  const table = shape.tables.find(({ indexes }) =>
    indexes.some((index) => index.name.toLowerCase() === name.toLowerCase()),
  );
  if (table === undefined) throw sqlError('undefinedObject', `index ${JSON.stringify(name)} does not exist`);
  return { ...input, changes: [{ dropIndex: { table: table.name, name } }] };
};

async function* waitFor(id: JobId, hasRow: boolean, { caller, signal }: Session): AsyncGenerator<Row> {
  let last: Job | null = null;
  for await (const job of await awaitJobs(caller, { ids: [id] }, 'settled', caller.access, signal)) last = job;
  if (signal.aborted) throw canceled();
  if (last === null) throw sqlError('undefinedObject', `job with ID ${id} does not exist`);
  const { status, error, counters, fractionCompleted } = last;
  if (status === 'PAUSED') throw sqlError('canceled', `job ${id} was paused before it completed`);
  if (status === 'CANCELED') throw sqlError('canceled', `job ${id} was canceled`);
  if (status === 'FAILED') throw sqlError('wrongState', `job ${id} failed: ${error ?? 'no reason is known'}`);
  const count = (name: string) => counters.find((counter) => counter.name === name)?.value ?? null;
  if (hasRow) yield [id, status.toLowerCase(), fractionCompleted, count('rows'), count('bytes')];
}

/** So many messages are sent before they are acknowledged, and may be removed. */
const ACKNOWLEDGED_EVERY = 1_000;

/** The messages of a changefeed. It ends with the statement. */
async function* follow(id: JobId, { caller, signal, changefeed }: Session): AsyncGenerator<Row> {
  if (changefeed === undefined) return;
  let after: number | null = null;
  try {
    for (let isEnded = false; !isEnded && !signal.aborted; ) {
      isEnded = true;
      let sent = 0;
      const until = new AbortController();
      for await (const message of await changefeed(id, after, caller, AbortSignal.any([signal, until.signal]))) {
        const { seq, table, key, resolved, ...values } = message as typeof message & Readonly<Record<string, unknown>>;
        if (resolved === undefined) yield [String(table), JSON.stringify(key), JSON.stringify(messageOf(values))];
        else yield [null, null, JSON.stringify({ resolved: new Date(Number(resolved)).toISOString() })];
        after = Number(seq);
        sent += 1;
        if (sent < ACKNOWLEDGED_EVERY) continue;
        isEnded = false;
        break;
      }
      until.abort();
    }
    if (signal.aborted) throw canceled();
  } finally {
    await end(id, caller);
  }
}

const messageOf = ({ keyColumns: _, deleted, updated, ...values }: Readonly<Record<string, unknown>>) => {
  const given = Object.entries(values).filter(
    ([name, value]) => name === 'after' || (value !== null && value !== undefined),
  );
  return {
    ...Object.fromEntries(given),
    ...(typeof updated === 'number' ? { updated: new Date(updated).toISOString() } : {}),
    ...(deleted === true ? { deleted } : {}),
  };
};

const end = (id: JobId, { control, access, identity }: Session['caller']) =>
  control(
    {
      command: 'CANCEL',
      jobs: { ids: [id] },
      reason: 'the statement that reads the changefeed has ended',
      abortOnRefusal: false,
      dryRun: false,
      expectedCount: null,
      unchangedSince: null,
      list: { changed: 0, refusals: 0 },
    },
    access(),
    identity,
  );
