/**
 * Determines which job waits for which. A job holds the tables that it changes from its start to its end, including
 * while it is paused. If two jobs conflict, the later one waits as PENDING, in creation order. If two jobs would create
 * the same table, both cannot succeed, so the second is refused at creation.
 */
export type HoldMode = 'write' | 'make' | 'alter' | 'count';

export interface TableHold {
  /** The table's name as the database compares it. */
  readonly table: string;
  readonly mode: HoldMode;
}

/** A hold whose database is identified by its real file, whatever its names. */
export interface Hold {
  readonly resource: string;
  readonly mode: HoldMode;
  /** The table, as shown to people. */
  readonly label: string;
}

export const HOLD_MODES = ['write', 'make', 'alter', 'count'] as const satisfies readonly HoldMode[];

/**
 * Imports into the same table are compatible, and so are jobs that are only counted while they run, for a limit on how many
 * do; all other combinations conflict.
 */
export const goTogether = (one: HoldMode, other: HoldMode) => one === other && (one === 'write' || one === 'count');

/** Two jobs that create the same table: the second is refused. */
export const refuseEachOther = (one: HoldMode, other: HoldMode) => one === 'make' && other === 'make';
