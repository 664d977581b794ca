import type { Instant } from '../../jobs/job.ts';

/** The description of a backup: SHOW BACKUP. */
export interface BackupSummary {
  /** Secrets are redacted, as in `incrementalFrom`. */
  readonly url: string;
  readonly database: string;
  /** The moment of the snapshot, or, for an incomplete backup, the moment at which it began. */
  readonly createdAt: Instant;
  readonly complete: boolean;
  readonly incrementalFrom: string | null;
  /** The size of the snapshot. */
  readonly sizeBytes: number;
  /** The number of bytes stored at this URL. */
  readonly storedBytes: number;
  readonly tables: readonly { readonly name: string; readonly rows: number | null }[];
}
