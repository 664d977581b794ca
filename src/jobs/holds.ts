/**
 * Determines which job waits for which. A job holds the tables that it changes from its start to its end, including
 * while it is paused. If two jobs conflict, the later one waits as PENDING, in creation order. If two jobs would create
 * the same table, both cannot succeed, so the second is refused at creation.
 */
export type HoldMode = 'write' | 'make' | 'alter';

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

export const HOLD_MODES = ['write', 'make', 'alter'] as const satisfies readonly HoldMode[];

/** Imports into the same table are compatible; all other combinations conflict. */
export const goTogether = (one: HoldMode, other: HoldMode) => one === 'write' && other === 'write';

/** Two jobs that create the same table: the second is refused. */
export const refuseEachOther = (one: HoldMode, other: HoldMode) => one === 'make' && other === 'make';
