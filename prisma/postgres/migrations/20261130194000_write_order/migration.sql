-- How the numbers of events and of revisions get into the order of commits: see src/store/postgres/order.ts.
ALTER TABLE "counters" ADD COLUMN "write_order" TEXT COLLATE "C";
-- A failover or a restored copy may lose the last events: see src/store/postgres/set-back.ts.
ALTER TABLE "counters" ADD COLUMN "timeline" TEXT COLLATE "C";
ALTER TABLE "counters" ADD COLUMN "lost" TEXT COLLATE "C" NOT NULL DEFAULT '[]';

-- A sequence that has never been used has the same last value as one that was used once.
SELECT nextval('event_cursor_seq') FROM "event_cursor_seq" WHERE NOT is_called;
SELECT nextval('job_revision_seq') FROM "job_revision_seq" WHERE NOT is_called;

-- The floor 0 of the numbers of a kind, as the key of an advisory lock. 53 bits are left for the number. The other bits
-- separate the kinds, and most stores in other schemas of the same database.
CREATE FUNCTION signalbox_floor_key(kind INTEGER) RETURNS BIGINT LANGUAGE sql STABLE AS $$
  SELECT (1::BIGINT << 62) | (kind::BIGINT << 61) | (('counters'::REGCLASS::OID::BIGINT & 255) << 53)
$$;

-- A key is computed before its lock is taken, in a statement of its own.
CREATE FUNCTION signalbox_publish_floors(cursors BOOLEAN, revisions BOOLEAN) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF revisions THEN
    PERFORM pg_advisory_xact_lock_shared(signalbox_floor_key(0) + (SELECT last_value FROM job_revision_seq));
  END IF;
  IF cursors THEN
    PERFORM pg_advisory_xact_lock_shared(signalbox_floor_key(1) + (SELECT last_value FROM event_cursor_seq));
  END IF;
END
$$;

-- How far the log came. The order of these statements matters, and each has a snapshot of its own.
CREATE FUNCTION signalbox_log(
  known_cursor BIGINT, known_revision BIGINT,
  OUT head BIGINT, OUT "end" BIGINT, OUT horizon BIGINT, OUT revision BIGINT,
  OUT users_revision BIGINT, OUT removals BIGINT, OUT lost TEXT, OUT cursor_horizon BIGINT
) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  last_cursor BIGINT;
  last_revision BIGINT;
  revisions BIGINT := signalbox_floor_key(0);
  cursors BIGINT := signalbox_floor_key(1);
BEGIN
  SELECT s.last_value INTO last_cursor FROM event_cursor_seq s;
  SELECT s.last_value INTO last_revision FROM job_revision_seq s;
  SELECT
    greatest(known_cursor, least(last_cursor, min(l.key - cursors) FILTER (WHERE l.key >= cursors))),
    greatest(known_revision, least(last_revision, min(l.key - revisions) FILTER (WHERE l.key < cursors)))
    INTO cursor_horizon, revision
    FROM (SELECT (classid::BIGINT << 32) | objid::BIGINT AS key FROM pg_locks
      WHERE locktype = 'advisory' AND mode = 'ShareLock' AND objsubid = 1
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) l
    WHERE l.key BETWEEN revisions AND revisions + (1::BIGINT << 53) OR l.key BETWEEN cursors AND cursors + (1::BIGINT << 53);
  SELECT c.horizon, c.users_revision, c.removals, c.lost,
      greatest(c.horizon, (SELECT max(e.cursor) FROM event e WHERE e.cursor <= cursor_horizon))
    INTO horizon, users_revision, removals, lost, head FROM counters c;
  "end" := CASE WHEN cursor_horizon < last_cursor THEN last_cursor ELSE head END;
END
$$;

-- Older versions would write without floors, which readers need.
UPDATE "counters" SET "readable_by" = '20261130194000_write_order';
