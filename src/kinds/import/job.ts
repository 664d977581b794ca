import type { Target } from '../../databases/sqlite/open.ts';
import type { Io, Work } from '../../jobs/kind.ts';
import type { Destination } from './destination.ts';
import type { Checkpoint, Details } from './details.ts';
import { existingTable } from './existing-table.ts';
import { newTable } from './new-table.ts';

/** One claimed import, with its target open. */
export interface Job {
  readonly work: Work<Details, Checkpoint | null>;
  readonly io: Io;
  readonly target: Target;
  readonly destination: Destination;
}

export const destinationOf = (target: Target, work: Work<Details, Checkpoint | null>): Destination =>
  work.details.existing ? existingTable(target.sql, work) : newTable(target.sql, work);
