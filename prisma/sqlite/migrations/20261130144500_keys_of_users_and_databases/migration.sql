-- Users and databases are created at most once for each idempotency key, as jobs are.
CREATE TABLE "new_IdempotencyKey" (
    "userName" TEXT NOT NULL,
    "mutation" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "inputHash" TEXT NOT NULL,
    "jobId" BIGINT,
    "target" TEXT,

    PRIMARY KEY ("userName", "mutation", "key")
);
INSERT INTO "new_IdempotencyKey" ("userName", "mutation", "key", "inputHash", "jobId")
  SELECT "userName", "mutation", "key", "inputHash", "jobId" FROM "IdempotencyKey";
DROP TABLE "IdempotencyKey";
ALTER TABLE "new_IdempotencyKey" RENAME TO "IdempotencyKey";
CREATE INDEX "IdempotencyKey_jobId_idx" ON "IdempotencyKey"("jobId");
