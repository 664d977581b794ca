-- Names of users are compared without case. Of the users whose names differ only by case, root, or else the one who was
-- created first, keeps the name; the name of each other gets a random suffix, in their jobs and events too.
CREATE TABLE "Renamed" AS SELECT u."name" AS "was", u."name" || '.' || lower(hex(randomblob(4))) AS "now" FROM "User" u
  WHERE EXISTS (SELECT 1 FROM "User" o WHERE lower(o."name") = lower(u."name") AND o."name" <> u."name"
    AND (o."name" = 'root' OR (u."name" <> 'root' AND (o."createdAt", o."name") < (u."createdAt", u."name"))));

UPDATE "Job" SET "userName" = (SELECT "now" FROM "Renamed" WHERE "was" = "userName")
  WHERE "userName" IN (SELECT "was" FROM "Renamed");
UPDATE "Event" SET "userName" = (SELECT "now" FROM "Renamed" WHERE "was" = "userName")
  WHERE "userName" IN (SELECT "was" FROM "Renamed");
UPDATE "Event" SET "actorName" = (SELECT "now" FROM "Renamed" WHERE "was" = "actorName")
  WHERE "actorKind" = 'USER' AND "actorName" IN (SELECT "was" FROM "Renamed");
UPDATE "IdempotencyKey" SET "userName" = (SELECT "now" FROM "Renamed" WHERE "was" = "userName")
  WHERE "userName" IN (SELECT "was" FROM "Renamed");
UPDATE "RecordedCommand" SET "userName" = (SELECT "now" FROM "Renamed" WHERE "was" = "userName")
  WHERE "userName" IN (SELECT "was" FROM "Renamed");

CREATE TABLE "new_User" (
    "name" TEXT NOT NULL COLLATE NOCASE PRIMARY KEY,
    "isAdmin" BOOLEAN NOT NULL DEFAULT false,
    "privileges" TEXT NOT NULL DEFAULT '[]',
    "createdAt" DATETIME NOT NULL
);
INSERT INTO "new_User" ("name", "isAdmin", "privileges", "createdAt")
  SELECT coalesce((SELECT "now" FROM "Renamed" WHERE "was" = "name"), "name"), "isAdmin", "privileges", "createdAt" FROM "User";
DROP TABLE "User";
ALTER TABLE "new_User" RENAME TO "User";
DROP TABLE "Renamed";
