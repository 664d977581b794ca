-- Tokens of users. Only the hash of a token is stored.
CREATE TABLE "Token" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "userName" TEXT NOT NULL,
    "name" TEXT,
    "hash" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "kinds" TEXT,
    "createdAt" DATETIME NOT NULL,
    "expiresAt" DATETIME,
    "lastUsedAt" DATETIME,
    "createdBy" TEXT NOT NULL,
    "idempotencyKey" TEXT,
    "inputHash" TEXT
);
CREATE INDEX "Token_userName_idx" ON "Token"("userName");
CREATE UNIQUE INDEX "Token_createdBy_idempotencyKey_key" ON "Token"("createdBy", "idempotencyKey");

-- The token with which a user made a change.
ALTER TABLE "Event" ADD COLUMN "tokenId" TEXT;
