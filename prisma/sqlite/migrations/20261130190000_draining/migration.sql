-- Servers that hand their jobs to others.
ALTER TABLE "WorkerSession" ADD COLUMN "draining" BOOLEAN NOT NULL DEFAULT false;
