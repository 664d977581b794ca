-- The databases and files that the jobs of a user may use. Users that exist already may use all.
ALTER TABLE "User" ADD COLUMN "allDatabases" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "User" ADD COLUMN "allFiles" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "User" ADD COLUMN "filesFolder" TEXT;
UPDATE "User" SET "allDatabases" = true, "allFiles" = true;

CREATE TABLE "DatabaseGrant" (
    "userName" TEXT NOT NULL,
    "databaseName" TEXT NOT NULL,

    PRIMARY KEY ("userName", "databaseName"),
    CONSTRAINT "DatabaseGrant_userName_fkey" FOREIGN KEY ("userName") REFERENCES "User" ("name") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "DatabaseGrant_databaseName_fkey" FOREIGN KEY ("databaseName") REFERENCES "Database" ("name") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "DatabaseGrant_databaseName_idx" ON "DatabaseGrant"("databaseName");
