-- CreateTable
CREATE TABLE "Job" (
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
    "holds" TEXT,
    "revision" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "JobWork" (
    "jobId" BIGINT NOT NULL PRIMARY KEY,
    "details" TEXT NOT NULL,
    "checkpoint" TEXT,
    CONSTRAINT "JobWork_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "JobCredentials" (
    "jobId" BIGINT NOT NULL PRIMARY KEY,
    "secrets" TEXT NOT NULL,
    CONSTRAINT "JobCredentials_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "IdempotencyKey" (
    "userName" TEXT NOT NULL,
    "mutation" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "inputHash" TEXT NOT NULL,
    "jobId" BIGINT NOT NULL,

    PRIMARY KEY ("userName", "mutation", "key")
);

-- CreateTable
CREATE TABLE "ExecutionError" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "jobId" BIGINT NOT NULL,
    "at" DATETIME NOT NULL,
    "attempt" INTEGER NOT NULL,
    "message" TEXT NOT NULL,
    CONSTRAINT "ExecutionError_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Event" (
    "cursor" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "jobId" BIGINT NOT NULL,
    "at" DATETIME NOT NULL,
    "actorKind" TEXT NOT NULL,
    "actorName" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "typeName" TEXT NOT NULL,
    "userName" TEXT NOT NULL,
    "database" TEXT,
    "description" TEXT NOT NULL,
    "from" TEXT,
    "to" TEXT NOT NULL,
    "command" TEXT,
    "commandId" TEXT,
    "reason" TEXT,
    "error" TEXT
);

-- CreateTable
CREATE TABLE "User" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "isAdmin" BOOLEAN NOT NULL DEFAULT false,
    "privileges" TEXT NOT NULL DEFAULT '[]',
    "createdAt" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "WorkerSession" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "startedAt" DATETIME NOT NULL,
    "heartbeatAt" DATETIME NOT NULL,
    "endedAt" DATETIME
);

-- CreateTable
CREATE TABLE "Database" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "url" TEXT NOT NULL,
    "createdAt" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "Counters" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "lastJobId" BIGINT NOT NULL DEFAULT 0,
    "lastRevision" BIGINT NOT NULL DEFAULT 0,
    "horizon" INTEGER NOT NULL DEFAULT 0
);

-- CreateIndex
CREATE INDEX "Job_status_nextAttemptAt_idx" ON "Job"("status", "nextAttemptAt");

-- CreateIndex
CREATE INDEX "Job_claimedBy_idx" ON "Job"("claimedBy");

-- CreateIndex
CREATE INDEX "Job_userName_id_idx" ON "Job"("userName", "id");

-- CreateIndex
CREATE INDEX "Job_holds_idx" ON "Job"("holds");

-- CreateIndex
CREATE INDEX "Job_revision_idx" ON "Job"("revision");

-- CreateIndex
CREATE INDEX "IdempotencyKey_jobId_idx" ON "IdempotencyKey"("jobId");

-- CreateIndex
CREATE INDEX "ExecutionError_jobId_id_idx" ON "ExecutionError"("jobId", "id");

-- CreateIndex
CREATE INDEX "Event_jobId_cursor_idx" ON "Event"("jobId", "cursor");

-- CreateIndex
CREATE INDEX "Event_userName_cursor_idx" ON "Event"("userName", "cursor");
