/**
 * Which job waits for which. A job holds the tables that it changes from its start to its end, paused included. Of two
 * that do not go together the later one waits, PENDING, in the order of their creation; two that would make the same
 * table cannot both end well, so that the second is refused when it is created.
 */
export type HoldMode = 'write' | 'make' | 'alter';

export interface TableHold {
  /** The table's name as the database compares it. */
  readonly table: string;
  readonly mode: HoldMode;
}

/** A hold of which the database is known by its real file, whatever its names. */
export interface Hold {
  readonly resource: string;
  readonly mode: HoldMode;
  /** The table, for people. */
  readonly label: string;
}

export const HOLD_MODES = ['write', 'make', 'alter'] as const satisfies readonly HoldMode[];

/** Imports into one table go together; nothing else does. */
export const goTogether = (one: HoldMode, other: HoldMode) => one === 'write' && other === 'write';

/** Two jobs that make the same table: the second is refused. */
export const refuseEachOther = (one: HoldMode, other: HoldMode) => one === 'make' && other === 'make';
