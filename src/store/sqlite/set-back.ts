/**
 * Detects that the store file was replaced by an older copy, and makes that safe.
 *
 * A small file next to the store records how far the store came: its id, the greatest cursor and the greatest revision.
 * It is written after each commit, before the commit is acknowledged, and is never ahead of the store. A store that is
 * behind it is an older copy. This is checked when the store is opened, and in the first transaction after another
 * program has written to it.
 *
 * What jobs did since the copy was made is unknown. Jobs that had not ended are paused until a person resumes them.
 * Numbers that may have been assigned are skipped, and so are the epochs that targets may know.
 */
import { closeSync, constants, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import type { Instant } from '../../jobs/job.ts';
import { type Connection, sql } from './client.ts';
import { log } from './events.ts';
import { apply, choose } from './moves.ts';

/** How far a store came. */
export interface Reached {
  readonly head: number;
  readonly revision: number;
}

export interface ReachedFile {
  /** Null: this store has no record. */
  read(): Reached | null;
  write(reached: Reached): void;
  close(): void;
}

/** `00c0ffee 0000000000000012 0000000000000345`, always of the same length: one write replaces all of it. */
const LINE = /^([0-9a-f]{8}) (\d{16}) (\d{16})\n$/;
const LENGTH = 8 + 1 + 16 + 1 + 16 + 1;

export const openReachedFile = (storeFile: string, storeId: string): ReachedFile => {
  const fd = openSync(`${storeFile}-reached`, constants.O_RDWR | constants.O_CREAT, 0o600);
  const digits = (value: number) => String(value).padStart(16, '0');
  let written = '';
  return {
    read: () => {
      const bytes = Buffer.alloc(LENGTH);
      readSync(fd, bytes, 0, LENGTH, 0);
      const [, id, head, revision] = LINE.exec(bytes.toString('latin1')) ?? [];
      return id === storeId ? { head: Number(head), revision: Number(revision) } : null;
    },
    write: ({ head, revision }) => {
      const line = `${storeId} ${digits(head)} ${digits(revision)}\n`;
      if (line === written) return;
      try {
        writeSync(fd, line, 0, 'latin1');
        written = line;
      } catch {
        // A full disk: the commit is durable and must not be reported as failed. The next commit writes the file.
      }
    },
    close: () => {
      fsyncSync(fd);
      closeSync(fd);
    },
  };
};

export const isBehind = (now: Reached, reached: Reached): boolean =>
  now.head < reached.head || now.revision < reached.revision;

const REASON = 'the job store was restored from an older copy';
/** More than the number of commits that the file may be missing. */
const SKIPPED = 1_000_000;
const EPOCHS_SKIPPED = 1_000;

/** Requires a transaction. Returns how far the store comes with it. */
export const recoverSetBack = async (db: Connection, reached: Reached, now: Instant): Promise<Reached> => {
  await db.run(sql`UPDATE sqlite_sequence SET seq = max(seq, ${reached.head}) + ${SKIPPED} WHERE name = 'Event'`);
  await db.run(sql`UPDATE Counters SET lastRevision = max(lastRevision, ${reached.revision}) + ${SKIPPED}`);
  await db.run(sql`UPDATE WorkerSession SET endedAt = ${now} WHERE endedAt IS NULL`);
  await choose(db, 'setBack', sql`Job j WHERE j.finishedAt IS NULL`);
  await apply(
    db,
    {
      actor: { kind: 'SYSTEM', name: 'recovery' },
      reason: REASON,
      set: [
        ['pauseReason', sql`CASE WHEN c.verdict = 'PAUSED' THEN ${REASON} END`],
        ['statusMessage', sql`${REASON}`],
        ['nextAttemptAt', sql`NULL`],
        ['awaitsResume', sql`c.verdict = 'PENDING'`],
        ['claimedBy', sql`NULL`],
      ],
    },
    now,
  );
  await db.run(sql`UPDATE Job SET epoch = epoch + ${EPOCHS_SKIPPED}, revision = (SELECT lastRevision FROM Counters)
    WHERE finishedAt IS NULL`);
  return log(db);
};
