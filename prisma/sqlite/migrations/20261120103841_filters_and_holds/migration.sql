-- CreateTable
CREATE TABLE "JobHold" (
    "jobId" BIGINT NOT NULL,
    "resource" TEXT NOT NULL,
    "mode" TEXT NOT NULL,

    PRIMARY KEY ("jobId", "resource"),
    CONSTRAINT "JobHold_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- RedefineTables
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_Job" (
    "id" BIGINT NOT NULL PRIMARY KEY,
    "type" TEXT NOT NULL,
    "typeName" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "userName" TEXT NOT NULL,
    "database" TEXT,
    "status" TEXT NOT NULL,
    "statusMessage" TEXT,
    "createdAt" DATETIME NOT NULL,
    "startedAt" DATETIME,
    "finishedAt" DATETIME,
    "finishOrder" BIGINT NOT NULL DEFAULT 9007199254740991,
    "modifiedAt" DATETIME NOT NULL,
    "fractionCompleted" REAL,
    "counters" TEXT NOT NULL DEFAULT '[]',
    "rateSince" DATETIME,
    "rateFraction" REAL,
    "error" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "nextAttemptAt" DATETIME,
    "pauseReason" TEXT,
    "revertCause" TEXT,
    "committing" BOOLEAN NOT NULL DEFAULT false,
    "claimedBy" TEXT,
    "epoch" INTEGER NOT NULL DEFAULT 0,
    "savedInClaim" BOOLEAN NOT NULL DEFAULT false,
    "endless" BOOLEAN NOT NULL DEFAULT false,
    "revision" BIGINT NOT NULL
);
INSERT INTO "new_Job" ("attempts", "claimedBy", "committing", "counters", "createdAt", "database", "description", "endless", "epoch", "error", "finishedAt", "fractionCompleted", "id", "modifiedAt", "nextAttemptAt", "pauseReason", "rateFraction", "rateSince", "revertCause", "revision", "savedInClaim", "startedAt", "status", "statusMessage", "type", "typeName", "userName") SELECT "attempts", "claimedBy", "committing", "counters", "createdAt", "database", "description", "endless", "epoch", "error", "finishedAt", "fractionCompleted", "id", "modifiedAt", "nextAttemptAt", "pauseReason", "rateFraction", "rateSince", "revertCause", "revision", "savedInClaim", "startedAt", "status", "statusMessage", "type", "typeName", "userName" FROM "Job";
DROP TABLE "Job";
ALTER TABLE "new_Job" RENAME TO "Job";
UPDATE "Job" SET "finishOrder" = "finishedAt" WHERE "finishedAt" IS NOT NULL;
CREATE INDEX "Job_status_nextAttemptAt_idx" ON "Job"("status", "nextAttemptAt");
CREATE INDEX "Job_claimedBy_idx" ON "Job"("claimedBy");
CREATE INDEX "Job_status_id_idx" ON "Job"("status", "id");
CREATE INDEX "Job_type_status_idx" ON "Job"("type", "status");
CREATE INDEX "Job_userName_id_idx" ON "Job"("userName", "id");
CREATE INDEX "Job_database_id_idx" ON "Job"("database", "id");
CREATE INDEX "Job_modifiedAt_id_idx" ON "Job"("modifiedAt", "id");
CREATE INDEX "Job_finishOrder_id_idx" ON "Job"("finishOrder", "id");
CREATE INDEX "Job_revision_idx" ON "Job"("revision");
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;

-- CreateIndex
CREATE INDEX "JobHold_resource_idx" ON "JobHold"("resource");
