-- Most of the time of a command on many jobs is spent on indexes: each changed row is written into all of them. What only
-- waiting jobs need is in partial indexes, which Prisma cannot express.
DROP INDEX "job_status_next_attempt_at_run_at_priority_idx";
DROP INDEX "job_type_status_idx";
CREATE INDEX "job_pending_idx" ON "job"("priority" DESC, "id")
  WHERE "status" = 'PENDING' AND "next_attempt_at" IS NULL AND "run_at" IS NULL;
CREATE INDEX "job_next_attempt_at_idx" ON "job"("next_attempt_at") WHERE "next_attempt_at" IS NOT NULL;
CREATE INDEX "job_run_at_idx" ON "job"("run_at") WHERE "next_attempt_at" IS NULL AND "run_at" IS NOT NULL;
