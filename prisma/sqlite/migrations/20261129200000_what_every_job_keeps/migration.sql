-- What every job keeps: its input, warnings, the time before which it does not run, and its priority.
ALTER TABLE "Job" ADD COLUMN "runAt" DATETIME;
ALTER TABLE "Job" ADD COLUMN "priority" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "JobWork" ADD COLUMN "inputJson" TEXT;
ALTER TABLE "JobWork" ADD COLUMN "warnings" TEXT NOT NULL DEFAULT '[]';

-- A repeated report is answered as the first time.
ALTER TABLE "Job" ADD COLUMN "settledBy" TEXT;
ALTER TABLE "Job" ADD COLUMN "settledAs" TEXT;

-- What a job has in its target, and whose names it uses there.
ALTER TABLE "Job" ADD COLUMN "began" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "Job" ADD COLUMN "storeId" TEXT;
UPDATE "Job" SET "began" = true WHERE "finishedAt" IS NULL
  AND "id" IN (SELECT "jobId" FROM "JobWork" WHERE "checkpoint" IS NOT NULL);
CREATE TABLE "PendingCleanup" (
    "jobId" BIGINT NOT NULL PRIMARY KEY,
    CONSTRAINT "PendingCleanup_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- The store was set back while the job was committing: it is not claimed before it is resumed.
ALTER TABLE "Job" ADD COLUMN "awaitsResume" BOOLEAN NOT NULL DEFAULT false;

ALTER TABLE "Counters" ADD COLUMN "storeId" TEXT NOT NULL DEFAULT '';
INSERT INTO "Counters" ("id", "storeId") VALUES (1, lower(hex(randomblob(4))))
  ON CONFLICT ("id") DO UPDATE SET "storeId" = excluded."storeId";

ALTER TABLE "WorkerSession" ADD COLUMN "types" TEXT NOT NULL DEFAULT '[]';

CREATE TABLE "RecordedCommand" (
    "userName" TEXT NOT NULL,
    "commandId" TEXT NOT NULL,
    "at" DATETIME NOT NULL,
    "outcome" TEXT NOT NULL,

    PRIMARY KEY ("userName", "commandId")
);
CREATE INDEX "RecordedCommand_at_idx" ON "RecordedCommand"("at");

-- Jobs that wait are claimed in the order of their priority, and then of their creation.
DROP INDEX "Job_status_nextAttemptAt_idx";
CREATE INDEX "Job_status_nextAttemptAt_runAt_priority_idx" ON "Job"("status", "nextAttemptAt", "runAt", "priority" DESC);
