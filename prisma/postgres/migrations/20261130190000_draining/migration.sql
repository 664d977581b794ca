-- Servers that hand their jobs to others.
ALTER TABLE "worker_session" ADD COLUMN "draining" BOOLEAN NOT NULL DEFAULT false;
