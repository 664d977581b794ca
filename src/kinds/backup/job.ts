import type { Target } from '../../databases/sqlite/open.ts';
import type { Io, Step, Work } from '../../jobs/kind.ts';
import type { Folder } from '../../storage/storage.ts';
import type { Checkpoint, Details, SECRET } from './details.ts';

/** One claimed backup, with its work directory and its destination open. */
export interface Job {
  readonly work: Work<Details, Checkpoint | null>;
  readonly io: Io;
  readonly folder: Folder;
  /** state.db, in the work directory. */
  readonly scratch: Target;
}

export type Steps<R = void> = AsyncGenerator<Step<Checkpoint>, R, void>;

/** The URL including its secrets. */
export const urlOf = ({ secrets }: Job['work'], which: keyof typeof SECRET, redacted: string): string =>
  secrets?.[which] ?? redacted;
