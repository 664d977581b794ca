-- Schedules create jobs at the times of cron expressions.
CREATE TABLE "schedule" (
    "id" BIGINT NOT NULL,
    "name" TEXT COLLATE "C" NOT NULL,
    "user_name" TEXT COLLATE "C" NOT NULL,
    "cron" TEXT COLLATE "C" NOT NULL,
    "time_zone" TEXT COLLATE "C" NOT NULL,
    "overlap" TEXT COLLATE "C" NOT NULL,
    "on_missed" TEXT COLLATE "C" NOT NULL,
    "full_every" INTEGER,
    "type" TEXT COLLATE "C" NOT NULL,
    "type_name" TEXT COLLATE "C" NOT NULL,
    "input_json" TEXT COLLATE "C" NOT NULL,
    "secrets" TEXT COLLATE "C",
    "priority" INTEGER NOT NULL DEFAULT 0,
    "created_at" BIGINT NOT NULL,
    "paused" BOOLEAN NOT NULL DEFAULT false,
    "next_run_at" BIGINT,
    "queued_at" BIGINT,
    "last_run_at" BIGINT,
    "last_job_id" BIGINT,
    "last_error" TEXT COLLATE "C",
    "runs" INTEGER NOT NULL DEFAULT 0,
    "chain" TEXT COLLATE "C" NOT NULL DEFAULT '[]',
    "version" INTEGER NOT NULL DEFAULT 1,
    "node" TEXT COLLATE "C",

    CONSTRAINT "schedule_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "schedule_user_name_idx" ON "schedule"("user_name");
CREATE INDEX "schedule_next_run_at_idx" ON "schedule"("next_run_at");
-- A run is created once for each time at which it was due. Few jobs have a schedule.
ALTER TABLE "job" ADD COLUMN "schedule_id" BIGINT;
ALTER TABLE "job" ADD COLUMN "scheduled_at" BIGINT;
CREATE UNIQUE INDEX "job_schedule_id_scheduled_at_key" ON "job"("schedule_id", "scheduled_at") WHERE "schedule_id" IS NOT NULL;
