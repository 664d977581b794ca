-- Schedules create jobs at the times of cron expressions.
CREATE TABLE "Schedule" (
    "id" BIGINT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "userName" TEXT NOT NULL,
    "cron" TEXT NOT NULL,
    "timeZone" TEXT NOT NULL,
    "overlap" TEXT NOT NULL,
    "onMissed" TEXT NOT NULL,
    "fullEvery" INTEGER,
    "type" TEXT NOT NULL,
    "typeName" TEXT NOT NULL,
    "inputJson" TEXT NOT NULL,
    "secrets" TEXT,
    "priority" INTEGER NOT NULL DEFAULT 0,
    "createdAt" DATETIME NOT NULL,
    "paused" BOOLEAN NOT NULL DEFAULT false,
    "nextRunAt" DATETIME,
    "queuedAt" DATETIME,
    "lastRunAt" DATETIME,
    "lastJobId" BIGINT,
    "lastError" TEXT,
    "runs" INTEGER NOT NULL DEFAULT 0,
    "chain" TEXT NOT NULL DEFAULT '[]',
    "version" INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX "Schedule_userName_idx" ON "Schedule"("userName");
CREATE INDEX "Schedule_nextRunAt_idx" ON "Schedule"("nextRunAt");
-- A run is created once for each time at which it was due. Few jobs have a schedule.
ALTER TABLE "Job" ADD COLUMN "scheduleId" BIGINT;
ALTER TABLE "Job" ADD COLUMN "scheduledAt" DATETIME;
CREATE UNIQUE INDEX "Job_scheduleId_scheduledAt_key" ON "Job"("scheduleId", "scheduledAt") WHERE "scheduleId" IS NOT NULL;
