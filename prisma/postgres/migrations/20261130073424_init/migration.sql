-- CreateTable
CREATE TABLE "job" (
    "id" BIGSERIAL NOT NULL,
    "type" TEXT COLLATE "C" NOT NULL,
    "type_name" TEXT COLLATE "C" NOT NULL,
    "description" TEXT COLLATE "C" NOT NULL,
    "user_name" TEXT COLLATE "C" NOT NULL,
    "database" TEXT COLLATE "C",
    "status" TEXT COLLATE "C" NOT NULL,
    "status_message" TEXT COLLATE "C",
    "created_at" BIGINT NOT NULL,
    "started_at" BIGINT,
    "finished_at" BIGINT,
    "finish_order" BIGINT NOT NULL DEFAULT 9007199254740991,
    "run_at" BIGINT,
    "priority" INTEGER NOT NULL DEFAULT 0,
    "modified_at" BIGINT NOT NULL,
    "fraction_completed" DOUBLE PRECISION,
    "counters" TEXT COLLATE "C" NOT NULL DEFAULT '[]',
    "rate_since" BIGINT,
    "rate_fraction" DOUBLE PRECISION,
    "error" TEXT COLLATE "C",
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" BIGINT,
    "pause_reason" TEXT COLLATE "C",
    "revert_cause" TEXT COLLATE "C",
    "committing" BOOLEAN NOT NULL DEFAULT false,
    "claimed_by" TEXT COLLATE "C",
    "epoch" INTEGER NOT NULL DEFAULT 0,
    "saved_in_claim" BOOLEAN NOT NULL DEFAULT false,
    "settled_by" TEXT COLLATE "C",
    "settled_as" TEXT COLLATE "C",
    "began" BOOLEAN NOT NULL DEFAULT false,
    "awaits_resume" BOOLEAN NOT NULL DEFAULT false,
    "store_id" TEXT COLLATE "C",
    "continuous" BOOLEAN NOT NULL DEFAULT false,
    "node" TEXT COLLATE "C",
    "revision" BIGSERIAL NOT NULL,

    CONSTRAINT "job_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "job_work" (
    "job_id" BIGINT NOT NULL,
    "details" TEXT COLLATE "C" NOT NULL,
    "checkpoint" TEXT COLLATE "C",
    "input_json" TEXT COLLATE "C",
    "warnings" TEXT COLLATE "C" NOT NULL DEFAULT '[]',
    "rerun_of" BIGINT,
    "secret_paths" TEXT COLLATE "C",

    CONSTRAINT "job_work_pkey" PRIMARY KEY ("job_id")
);

-- CreateTable
CREATE TABLE "job_hold" (
    "job_id" BIGINT NOT NULL,
    "resource" TEXT COLLATE "C" NOT NULL,
    "mode" TEXT COLLATE "C" NOT NULL,

    CONSTRAINT "job_hold_pkey" PRIMARY KEY ("job_id","resource")
);

-- CreateTable
CREATE TABLE "job_credentials" (
    "job_id" BIGINT NOT NULL,
    "secrets" TEXT COLLATE "C" NOT NULL,

    CONSTRAINT "job_credentials_pkey" PRIMARY KEY ("job_id")
);

-- CreateTable
CREATE TABLE "pending_cleanup" (
    "job_id" BIGINT NOT NULL,

    CONSTRAINT "pending_cleanup_pkey" PRIMARY KEY ("job_id")
);

-- CreateTable
CREATE TABLE "idempotency_key" (
    "user_name" TEXT COLLATE "C" NOT NULL,
    "mutation" TEXT COLLATE "C" NOT NULL,
    "key" TEXT COLLATE "C" NOT NULL,
    "input_hash" TEXT COLLATE "C" NOT NULL,
    "job_id" BIGINT NOT NULL,

    CONSTRAINT "idempotency_key_pkey" PRIMARY KEY ("user_name","mutation","key")
);

-- CreateTable
CREATE TABLE "execution_error" (
    "id" BIGSERIAL NOT NULL,
    "job_id" BIGINT NOT NULL,
    "at" BIGINT NOT NULL,
    "attempt" INTEGER NOT NULL,
    "message" TEXT COLLATE "C" NOT NULL,

    CONSTRAINT "execution_error_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event" (
    "cursor" BIGSERIAL NOT NULL,
    "job_id" BIGINT NOT NULL,
    "at" BIGINT NOT NULL,
    "actor_kind" TEXT COLLATE "C" NOT NULL,
    "actor_name" TEXT COLLATE "C" NOT NULL,
    "token_id" TEXT COLLATE "C",
    "type" TEXT COLLATE "C" NOT NULL,
    "type_name" TEXT COLLATE "C" NOT NULL,
    "user_name" TEXT COLLATE "C" NOT NULL,
    "database" TEXT COLLATE "C",
    "description" TEXT COLLATE "C" NOT NULL,
    "from" TEXT COLLATE "C",
    "to" TEXT COLLATE "C" NOT NULL,
    "command" TEXT COLLATE "C",
    "command_id" TEXT COLLATE "C",
    "reason" TEXT COLLATE "C",
    "error" TEXT COLLATE "C",

    CONSTRAINT "event_pkey" PRIMARY KEY ("cursor")
);

-- CreateTable
CREATE TABLE "audit_event" (
    "cursor" BIGSERIAL NOT NULL,
    "at" BIGINT NOT NULL,
    "actor_kind" TEXT COLLATE "C" NOT NULL,
    "actor_name" TEXT COLLATE "C" NOT NULL,
    "token_id" TEXT COLLATE "C",
    "action" TEXT COLLATE "C" NOT NULL,
    "target" TEXT COLLATE "C" NOT NULL,
    "before" TEXT COLLATE "C",
    "after" TEXT COLLATE "C",
    "reason" TEXT COLLATE "C",
    "remote_address" TEXT COLLATE "C",

    CONSTRAINT "audit_event_pkey" PRIMARY KEY ("cursor")
);

-- CreateTable
CREATE TABLE "user" (
    "name" TEXT COLLATE "C" NOT NULL,
    "is_admin" BOOLEAN NOT NULL DEFAULT false,
    "privileges" TEXT COLLATE "C" NOT NULL DEFAULT '[]',
    "created_at" BIGINT NOT NULL,
    "all_databases" BOOLEAN NOT NULL DEFAULT false,
    "all_files" BOOLEAN NOT NULL DEFAULT false,
    "files_folder" TEXT COLLATE "C",

    CONSTRAINT "user_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "database_grant" (
    "user_name" TEXT COLLATE "C" NOT NULL,
    "database_name" TEXT COLLATE "C" NOT NULL,

    CONSTRAINT "database_grant_pkey" PRIMARY KEY ("user_name","database_name")
);

-- CreateTable
CREATE TABLE "token" (
    "id" TEXT COLLATE "C" NOT NULL,
    "user_name" TEXT COLLATE "C" NOT NULL,
    "name" TEXT COLLATE "C",
    "hash" TEXT COLLATE "C" NOT NULL,
    "scope" TEXT COLLATE "C" NOT NULL,
    "kinds" TEXT COLLATE "C",
    "created_at" BIGINT NOT NULL,
    "expires_at" BIGINT,
    "last_used_at" BIGINT,
    "created_by" TEXT COLLATE "C" NOT NULL,
    "idempotency_key" TEXT COLLATE "C",
    "input_hash" TEXT COLLATE "C",

    CONSTRAINT "token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "worker_session" (
    "id" TEXT COLLATE "C" NOT NULL,
    "name" TEXT COLLATE "C" NOT NULL,
    "started_at" BIGINT NOT NULL,
    "heartbeat_at" BIGINT NOT NULL,
    "ended_at" BIGINT,
    "node" TEXT COLLATE "C",
    "version" TEXT COLLATE "C",
    "types" TEXT COLLATE "C" NOT NULL DEFAULT '[]',

    CONSTRAINT "worker_session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "recorded_command" (
    "user_name" TEXT COLLATE "C" NOT NULL,
    "command_id" TEXT COLLATE "C" NOT NULL,
    "at" BIGINT NOT NULL,
    "outcome" TEXT COLLATE "C" NOT NULL,

    CONSTRAINT "recorded_command_pkey" PRIMARY KEY ("user_name","command_id")
);

-- CreateTable
CREATE TABLE "database" (
    "name" TEXT COLLATE "C" NOT NULL,
    "url" TEXT COLLATE "C" NOT NULL,
    "created_at" BIGINT NOT NULL,
    "node" TEXT COLLATE "C",
    "made_by" BIGINT,

    CONSTRAINT "database_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "counters" (
    "id" INTEGER NOT NULL,
    "last_revision" BIGINT NOT NULL DEFAULT 0,
    "horizon" BIGINT NOT NULL DEFAULT 0,
    "audit_horizon" BIGINT NOT NULL DEFAULT 0,
    "users_revision" BIGINT NOT NULL DEFAULT 0,
    "removals" BIGINT NOT NULL DEFAULT 0,
    "store_id" TEXT COLLATE "C" NOT NULL DEFAULT '',

    CONSTRAINT "counters_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "job_status_next_attempt_at_run_at_priority_idx" ON "job"("status", "next_attempt_at", "run_at", "priority" DESC);

-- CreateIndex
CREATE INDEX "job_claimed_by_idx" ON "job"("claimed_by");

-- CreateIndex
CREATE INDEX "job_status_id_idx" ON "job"("status", "id");

-- CreateIndex
CREATE INDEX "job_type_status_idx" ON "job"("type", "status");

-- CreateIndex
CREATE INDEX "job_user_name_id_idx" ON "job"("user_name", "id");

-- CreateIndex
CREATE INDEX "job_database_id_idx" ON "job"("database", "id");

-- CreateIndex
CREATE INDEX "job_modified_at_id_idx" ON "job"("modified_at", "id");

-- CreateIndex
CREATE INDEX "job_finish_order_id_idx" ON "job"("finish_order", "id");

-- CreateIndex
CREATE INDEX "job_revision_idx" ON "job"("revision");

-- CreateIndex
CREATE INDEX "job_hold_resource_idx" ON "job_hold"("resource");

-- CreateIndex
CREATE INDEX "idempotency_key_job_id_idx" ON "idempotency_key"("job_id");

-- CreateIndex
CREATE INDEX "execution_error_job_id_id_idx" ON "execution_error"("job_id", "id");

-- CreateIndex
CREATE INDEX "event_job_id_cursor_idx" ON "event"("job_id", "cursor");

-- CreateIndex
CREATE INDEX "event_user_name_cursor_idx" ON "event"("user_name", "cursor");

-- CreateIndex
CREATE INDEX "audit_event_action_cursor_idx" ON "audit_event"("action", "cursor");

-- CreateIndex
CREATE INDEX "database_grant_database_name_idx" ON "database_grant"("database_name");

-- CreateIndex
CREATE INDEX "token_user_name_idx" ON "token"("user_name");

-- CreateIndex
CREATE UNIQUE INDEX "token_created_by_idempotency_key_key" ON "token"("created_by", "idempotency_key");

-- CreateIndex
CREATE INDEX "recorded_command_at_idx" ON "recorded_command"("at");

-- CreateIndex
CREATE INDEX "database_made_by_idx" ON "database"("made_by");

-- AddForeignKey
ALTER TABLE "job_work" ADD CONSTRAINT "job_work_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job_hold" ADD CONSTRAINT "job_hold_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job_credentials" ADD CONSTRAINT "job_credentials_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pending_cleanup" ADD CONSTRAINT "pending_cleanup_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "execution_error" ADD CONSTRAINT "execution_error_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "database_grant" ADD CONSTRAINT "database_grant_user_name_fkey" FOREIGN KEY ("user_name") REFERENCES "user"("name") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "database_grant" ADD CONSTRAINT "database_grant_database_name_fkey" FOREIGN KEY ("database_name") REFERENCES "database"("name") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma cannot express.

-- Of two jobs that would create the same table, the second is refused.
CREATE UNIQUE INDEX "job_hold_made_idx" ON "job_hold"("resource") WHERE "mode" = 'make';

-- Names of users are compared without case.
CREATE UNIQUE INDEX "user_folded_name_idx" ON "user"(lower("name"));

-- Indexes of what few jobs have.
DROP INDEX "job_claimed_by_idx";
CREATE INDEX "job_claimed_by_idx" ON "job"("claimed_by") WHERE "claimed_by" IS NOT NULL;

-- Rows of jobs are updated in place, and their space is reused soon. Events are only appended.
ALTER TABLE "job" SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02);

-- Ids grow with time: 128 for each millisecond since 2020.
SELECT setval('job_id_seq', ((extract(epoch FROM clock_timestamp()) - extract(epoch FROM timestamptz '2020-01-01 00:00:00+00')) * 128000)::bigint);

-- 32 random bits.
INSERT INTO "counters" ("id", "store_id") VALUES (1, left(gen_random_uuid()::text, 8));
