import type { Instant } from '../../jobs/job.ts';

/** A backup as it is shown: SHOW BACKUP. */
export interface BackupSummary {
  /** Secrets redacted, as in `incrementalFrom`. */
  readonly url: string;
  readonly database: string;
  /** The moment of the snapshot; of one that is being written, when that was begun. */
  readonly createdAt: Instant;
  readonly complete: boolean;
  readonly incrementalFrom: string | null;
  /** Of the snapshot. */
  readonly sizeBytes: number;
  /** What is stored at this place. */
  readonly storedBytes: number;
  readonly tables: readonly { readonly name: string; readonly rows: number | null }[];
}
