import { portOf } from '../../databases/port-of.ts';
import { withStoredDetails } from '../../jobs/declare.ts';
import type { Environment } from '../../jobs/kind.ts';
import type { SchemaChangeProgress } from './checkpoint.ts';
import { create } from './create.ts';
import { DETAILS, type Details } from './details.ts';
import { INPUT, type SchemaChangeRequest } from './input.ts';
import { PORTS } from './ports.ts';
import { revert, run } from './run.ts';

/** Changes columns and indexes of tables in use, while writers continue. */
export const schemaChangeKind = withStoredDetails<SchemaChangeRequest, Details, SchemaChangeProgress | null>(DETAILS, {
  type: 'SCHEMA_CHANGE',
  typeName: 'SCHEMA_CHANGE',
  // The operator may decide otherwise: see SCHEMA_CHANGES_PAUSABLE.
  input: INPUT,
  pausable: false,
  cancelable: true,
  laterDefaults: { holdBeforeCommit: false },
  create,
  acquireFence: (work, io, task) => portOf(PORTS, io.environment).acquireFence(work, io, task),
  run,
  revert,
  queries: {
    recorded: (environment: Pick<Environment, 'database'>, database: string, jobId: string) =>
      portOf(PORTS, environment).recorded(environment, database, jobId),
  },
  cleanUp: (work, environment, when) => portOf(PORTS, environment).cleanUp(work, environment, when),
});
