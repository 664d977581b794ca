/** The stored data of a backup, as JSON: details and progress, in the store; its checkpoint, in its work directory. */
import { z } from 'zod';
import { deriveSealing, KEY_PARAMETERS, NOT_SEALED, type Sealing } from '../../backup-format/sealing.ts';
import type { WorkDirectory } from '../../databases/work-directory.ts';
import type { Io, Step, Work } from '../../jobs/kind.ts';
import type { Folder } from '../../storage/storage.ts';

export const DETAILS = z.object({
  /** Unique: the job uses it to recognize its own backup. */
  id: z.string(),
  database: z.string(),
  /** The tables when the job was created. */
  tables: z.array(z.string()).readonly(),
  /** The backup includes every table that exists when the snapshot is taken. */
  isAll: z.boolean().default(false),
  /** Secrets redacted. */
  destination: z.string(),
  /** The parent: its URL with secrets redacted, and the hash of its manifest. */
  incrementalFrom: z.object({ url: z.string(), sha256: z.string() }).nullable().default(null),
  /** How keys are derived from the passphrase; null for a backup that is not encrypted. */
  encryption: KEY_PARAMETERS.nullable().default(null),
  integrityCheck: z.boolean().default(false),
  maxBytesPerSecond: z.number().nullable().default(null),
  /** How many backups remain when older ones are removed; null if none is removed. */
  keep: z.number().nullable().default(null),
});
export type Details = z.output<typeof DETAILS>;

/** The names under which URLs with secrets are stored. */
export const SECRET = { destination: 'destination', incrementalFrom: 'incrementalFrom' } as const;
export const PASSPHRASE = 'encryptionPassphrase';

/** @throws Error if the job is to encrypt and its passphrase is gone */
export const sealingOf = async ({ details, secrets }: BackupWork): Promise<Sealing> => {
  if (details.encryption === null) return NOT_SEALED;
  const passphrase = secrets?.[PASSPHRASE];
  if (passphrase === undefined) throw new Error('the passphrase of the job is missing');
  return deriveSealing(passphrase, details.encryption);
};

export type BackupWork = Work<Details, BackupProgress | null>;
export type Steps<R = void> = AsyncGenerator<Step<BackupProgress>, R, void>;

/** One claimed backup, with its work directory and its destination open. */
export interface Job {
  readonly work: BackupWork;
  readonly io: Io;
  /** The destination. */
  readonly folder: Folder;
  readonly directory: WorkDirectory;
}

/** A job that stores chunks. */
export interface StoringJob extends Job {
  readonly sealing: Sealing;
}

/** The URL including its secrets. */
export const urlOf = ({ secrets }: BackupWork, which: keyof typeof SECRET, redacted: string): string =>
  secrets?.[which] ?? redacted;

/** The position of a backup, in its work directory. */
export interface BackupCheckpoint {
  /** marked: its in-progress marker is at the destination. staged: its snapshot is in the work directory, too. */
  readonly phase: 'marked' | 'staged';
  /** The snapshot is stored up to this byte offset. */
  readonly offset: number;
  readonly snapshotBytes: number;
  /** The chunks up to that offset, and how many of them did not have to be stored. */
  readonly chunks: number;
  readonly chunksReused: number;
  readonly bytesWritten: number;
}

export const MARKED: BackupCheckpoint = {
  phase: 'marked',
  offset: 0,
  snapshotBytes: 0,
  chunks: 0,
  chunksReused: 0,
  bytesWritten: 0,
};

/** As version 0.1.0 stored it. */
interface OldCheckpoint extends Pick<BackupCheckpoint, 'chunks' | 'chunksReused' | 'bytesWritten'> {
  readonly phase: 'placed' | 'taken';
  readonly byte: number;
  readonly pictureBytes: number;
}

/** Null if the job has none. */
export const readCheckpoint = (directory: WorkDirectory): BackupCheckpoint | null => {
  const stored = directory.readCheckpoint<BackupCheckpoint | OldCheckpoint>();
  if (stored === null || !('byte' in stored)) return stored;
  const { phase, byte: offset, pictureBytes: snapshotBytes, ...counts } = stored;
  return { ...counts, phase: phase === 'placed' ? 'marked' : 'staged', offset, snapshotBytes };
};

/** Shown to people. It is kept only so that the fraction does not go back when the snapshot is taken again. */
export interface BackupProgress {
  readonly fraction: number;
}

/** The share of the snapshot in the total progress. */
const SNAPSHOT_SHARE = 0.3;

export const stepOf = (
  { checkpoint: progress }: Pick<BackupWork, 'checkpoint'>,
  { phase, offset, snapshotBytes, chunks, chunksReused, bytesWritten }: BackupCheckpoint,
  message: string,
): Step<BackupProgress> => {
  const stored = phase === 'marked' ? 0 : SNAPSHOT_SHARE + (1 - SNAPSHOT_SHARE) * (offset / Math.max(1, snapshotBytes));
  const fraction = Math.max(progress?.fraction ?? 0, stored);
  return {
    checkpoint: { fraction },
    fractionCompleted: fraction,
    message,
    counters: { bytes: bytesWritten, chunks, chunksReused },
  };
};
