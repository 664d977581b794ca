-- What was done to users, tokens, databases and settings, and which jobs were deleted.
CREATE TABLE "AuditEvent" (
    "cursor" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "at" DATETIME NOT NULL,
    "actorKind" TEXT NOT NULL,
    "actorName" TEXT NOT NULL,
    "tokenId" TEXT,
    "action" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "before" TEXT,
    "after" TEXT,
    "reason" TEXT
);
CREATE INDEX "AuditEvent_action_cursor_idx" ON "AuditEvent"("action", "cursor");
