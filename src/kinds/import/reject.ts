/** A row that an import set aside. */
export interface Reject {
  /** Grows in the order in which they came. */
  readonly id: number;
  /** Secrets redacted. */
  readonly source: string;
  readonly line: number;
  /** Null when the whole row is wrong. */
  readonly column: string | null;
  readonly reason: string;
  /** The row as it stood, cut at 1,024 characters. */
  readonly text: string;
}

export interface RejectPage {
  /** The first id that may be on it. */
  readonly from: number;
  /** The last one, in this direction. */
  readonly to?: number | undefined;
  readonly direction: 'ascending' | 'descending';
  readonly limit: number;
}
