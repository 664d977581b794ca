-- Kinds that workers in other programs have registered.
CREATE TABLE "registered_kind" (
    "name" TEXT COLLATE "C" NOT NULL,
    "definition" TEXT COLLATE "C" NOT NULL,
    "registered_at" BIGINT NOT NULL,

    CONSTRAINT "registered_kind_pkey" PRIMARY KEY ("name")
);
-- The session of a worker in another program is no server.
ALTER TABLE "worker_session" ADD COLUMN "remote" BOOLEAN NOT NULL DEFAULT false;
