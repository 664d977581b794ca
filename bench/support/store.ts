import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { startServer } from './server.ts';

/** A data folder with so many waiting jobs of ten users, a tenth each, inserted by SQL. */
export const fillStore = async (jobs: number) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  {
    await using _ = await startServer({ DATA_DIR: dataDir });
  }
  const file = join(dataDir, 'signalbox.db');
  const sql = new Sqlite(file);
  const now = Date.now();
  // Far in the future: no worker claims one.
  const due = now + 365 * 24 * 60 * 60 * 1_000;
  sql.exec(`
    BEGIN;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${jobs})
    INSERT INTO Job (id, type, typeName, description, userName, database, status, statusMessage, createdAt, modifiedAt,
        nextAttemptAt, fractionCompleted, continuous, revision)
      SELECT i, 'IMPORT', 'IMPORT', 'IMPORT TABLE "bench"."t' || i || '" FROM CSV ''nodelocal:///rows.csv''',
        'user' || (i % 10), 'bench', 'PENDING', 'waiting for a worker', ${now}, ${now}, ${due}, 0, FALSE, 1 FROM n;
    INSERT INTO JobWork (jobId, details) SELECT id, '{"database":"bench","table":"t","sources":[]}' FROM Job;
    INSERT INTO Event (jobId, at, actorKind, actorName, type, typeName, userName, database, description, "from", "to")
      SELECT id, createdAt, 'USER', userName, type, typeName, userName, database, description, NULL, 'PENDING' FROM Job;
    UPDATE Counters SET lastJobId = ${jobs}, lastRevision = 1;
    COMMIT;
    PRAGMA wal_checkpoint(TRUNCATE)`);
  sql.close();
  return {
    dataDir,
    /** A copy of the store file, to be written without a server. */
    copy: () => {
      const other = join(dataDir, `copy-${Math.random()}.db`);
      cpSync(file, other);
      return other;
    },
    [Symbol.dispose]: () => rmSync(dataDir, { recursive: true, force: true }),
  };
};
