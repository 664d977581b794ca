-- Kinds that workers in other programs have registered.
CREATE TABLE "RegisteredKind" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "definition" TEXT NOT NULL,
    "registeredAt" DATETIME NOT NULL
);
-- The session of a worker in another program is no server.
ALTER TABLE "WorkerSession" ADD COLUMN "remote" BOOLEAN NOT NULL DEFAULT false;
