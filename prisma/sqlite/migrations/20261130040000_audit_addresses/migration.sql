-- The address that a request came from, and how far retention has removed the audit log.
ALTER TABLE "AuditEvent" ADD COLUMN "remoteAddress" TEXT;
ALTER TABLE "Counters" ADD COLUMN "auditHorizon" INTEGER NOT NULL DEFAULT 0;
