import type { Source } from './details.ts';
import type { Insert } from './rows.ts';

/** Where the rows of a job go: a table of its own that is hidden until the end, or one that is there already. */
export interface Destination {
  /** What the job has in the target as long as its rows are not published: its position is lost without it. */
  readonly ownTable: string;
  /** Makes what the job needs in the target. All of these inside a transaction; the first one of the job here. */
  create(): void;
  /** What inserts the rows of a source, made anew when the table has changed. @throws Error when it is not there any more */
  inserter(source: Source): Insert;
  /** @throws Error when what was imported could not be published */
  checkEnd(): void;
  /** Leaves the rows, and nothing else, where everybody sees them. */
  publish(): void;
}
