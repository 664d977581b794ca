import type { Target } from '../../databases/sqlite.ts';
import type { Io, Work } from '../../jobs/kind.ts';
import type { Checkpoint, Details, State } from './details.ts';

/** One claimed import, its target open. */
export interface Job {
  readonly work: Work<Details, Checkpoint | null>;
  readonly io: Io;
  readonly target: Target;
  /** The table that the rows go into. */
  readonly hidden: string;
  /** Inside a transaction. */
  readonly saveState: (state: State) => void;
}
