-- Users and databases are created at most once for each idempotency key, as jobs are.
ALTER TABLE "idempotency_key" ALTER COLUMN "job_id" DROP NOT NULL;
ALTER TABLE "idempotency_key" ADD COLUMN "target" TEXT COLLATE "C";
