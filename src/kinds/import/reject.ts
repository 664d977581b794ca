/** A row that an import rejected. */
export interface Reject {
  /** Increases in the order of rejection. */
  readonly id: number;
  /** Secrets redacted. */
  readonly source: string;
  readonly line: number;
  /** Null if the reason concerns the whole row. */
  readonly column: string | null;
  readonly reason: string;
  /** The original row, truncated to 1,024 characters. */
  readonly text: string;
}

export interface RejectPage {
  /** The id at which the page begins, in this direction. */
  readonly from: number;
  /** The last id that the page may contain, in this direction. */
  readonly to?: number | undefined;
  readonly direction: 'ascending' | 'descending';
  readonly limit: number;
}
