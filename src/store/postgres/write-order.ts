/** How a store orders its writes: see order.ts. */
export type WriteOrder = 'lock' | 'floor';

export interface Order {
  readonly mode: WriteOrder;
  /** Of the database server, as far as it is known. */
  readonly server: { timeline: string | null };
  /** The greatest read horizons that this server has seen. */
  readonly known: { cursor: number; revision: number };
  /** Whether a call publishes its own floors, right before it draws numbers; otherwise its batch has done it. */
  readonly publishesLate: boolean;
  /** Whether a large selection is locked when it is chosen, since it has moved too often before it was written. */
  readonly locksLarge: boolean;
}

/** Before the mode of the store is known. */
export const UNKNOWN_ORDER: Order = {
  mode: 'lock',
  server: { timeline: null },
  known: { cursor: 0, revision: 0 },
  publishesLate: false,
  locksLarge: false,
};
