import type { Source } from './details.ts';
import type { Insert } from './rows.ts';

/** The destination of a job's rows: a table of its own that is hidden until the end, or an existing table. */
export interface Destination {
  /** The job's object in the target until its rows are published. Without this object, the job's position is lost. */
  readonly ownTable: string;
  /** Creates the job's objects in the target, in the job's first transaction. All methods run inside a transaction. */
  create(): void;
  /** Returns the inserter for a source, renewed after a change of the table. @throws Error if the table is gone */
  inserter(source: Source): Insert;
  /** @throws Error if the imported rows could not be published */
  checkEnd(): void;
  /** Makes the rows visible, and removes everything else that the job created. */
  publish(): void;
}
