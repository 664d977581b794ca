-- The first event of a new store has the cursor 1, as on SQLite, although a sequence has to be used before its last value
-- is a floor.
ALTER SEQUENCE "event_cursor_seq" MINVALUE 0;
ALTER SEQUENCE "job_revision_seq" MINVALUE 0;
SELECT setval('event_cursor_seq', 0) FROM "event_cursor_seq", "counters"
  WHERE last_value = 1 AND horizon = 0 AND NOT EXISTS (SELECT 1 FROM "event");
SELECT setval('job_revision_seq', 0) FROM "job_revision_seq", "counters"
  WHERE last_value = 1 AND last_revision = 0 AND NOT EXISTS (SELECT 1 FROM "job");
