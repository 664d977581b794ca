import { isComplete } from '../../backup-format/completeness.ts';
import { readAnyMarker } from '../../backup-format/in-progress-marker.ts';
import { readHead } from '../../backup-format/manifest.ts';
import type { Instant } from '../../jobs/job.ts';
import type { Environment } from '../../jobs/kind.ts';
import { openFolder } from '../../storage/open.ts';
import { probe } from '../../storage/probe.ts';
import type { Folder } from '../../storage/storage.ts';
import { redact } from '../../storage/url.ts';

/** A backup as it is stored: SHOW BACKUP. */
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

/** Describes the backup at a URL; null if there is none. @throws badInput describing the damage if it is damaged */
export const describeBackup = (url: string, environment: Environment): Promise<BackupSummary | null> =>
  probe('url', async (signal) => {
    const finished = await summaryOf(url, environment, signal);
    // Over http, files cannot be listed and backups are never written.
    if (finished !== null || /^https?:/i.test(url)) return finished;
    return describeUnfinished(openFolder(url, environment), signal);
  });

/** Null if there is no manifest. @throws StorageError describing the damage */
export const summaryOf = async (
  url: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<BackupSummary | null> => {
  const folder = openFolder(url, environment);
  const head = await readHead(folder, signal);
  if (head === null) return null;
  const { database, createdAt, incrementalFrom, sizeBytes, tables, files } = head;
  return {
    url: folder.url,
    database,
    createdAt: Date.parse(createdAt),
    complete: await isComplete(url, head, environment, signal),
    incrementalFrom: incrementalFrom === null ? null : redact(incrementalFrom.url),
    sizeBytes,
    storedBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    tables: tables.filter(({ shadowOf }) => shadowOf === null),
  };
};

const describeUnfinished = async (folder: Folder, signal: AbortSignal): Promise<BackupSummary | null> => {
  const marker = await readAnyMarker(folder, signal);
  if (marker === null) return null;
  const { database, createdAt, incrementalFrom } = marker;
  return {
    url: folder.url,
    database,
    createdAt: Date.parse(createdAt),
    complete: false,
    incrementalFrom: incrementalFrom === null ? null : redact(incrementalFrom),
    sizeBytes: 0,
    storedBytes: 0,
    tables: [],
  };
};
