import { portOf } from '../../databases/port-of.ts';
import { withStoredDetails } from '../../jobs/declare.ts';
import { redactInput } from '../../storage/redact-input.ts';
import type { ImportProgress } from './checkpoint.ts';
import { create } from './create.ts';
import { DETAILS, type Details } from './details.ts';
import { type ImportRequest, INPUT } from './input.ts';
import type { RejectPage, RejectPlaces } from './port.ts';
import { PORTS } from './ports.ts';
import { preview } from './preview.ts';
import { revert, run } from './run.ts';

/** Imports rows from one or many sources, in order: into a new table, visible when complete, or an existing one. */
export const importKind = withStoredDetails<ImportRequest, Details, ImportProgress | null>(DETAILS, {
  type: 'IMPORT',
  typeName: 'IMPORT',
  input: INPUT,
  pausable: true,
  cancelable: true,
  laterDefaults: {
    encoding: 'UTF-8',
    unknownKeys: 'FAIL',
    inferColumns: false,
    onConflict: 'FAIL',
    deferForeignKeys: false,
    validateOnly: false,
    'csv.quotedNulls': false,
    'csv.trim': false,
    'csv.shortRows': false,
  },
  redact: (input) => redactInput(input, { urls: ['sources'] }),
  create,
  acquireFence: (work, io, task) => portOf(PORTS, io.environment).acquireFence(work, io, task),
  run,
  revert,
  queries: {
    preview,
    rejects: (places: RejectPlaces, database: string, jobId: string, page: RejectPage) =>
      portOf(PORTS, places).rejects(places, database, jobId, page),
    rejectTexts: (places: RejectPlaces, database: string, jobId: string, after: number) =>
      portOf(PORTS, places).rejectTexts(places, database, jobId, after),
  },
  cleanUp: (work, environment, when) => portOf(PORTS, environment).cleanUp(work, environment, when),
});
