/**
 * Databases with the peculiarities of well-known applications: functions and collations that only the application has,
 * double-quoted strings, virtual tables, views that are broken. All statements are ours.
 */
import type Sqlite from 'better-sqlite3';

interface RealSchema {
  /** Creates the schema and its rows, here without what this program lacks. */
  readonly made: string;
  /** Texts of the catalogue as the application would have written them: what stands here, and what it becomes. */
  readonly written?: readonly (readonly [here: string, there: string])[];
  /** Executed afterwards. Triggers may call functions that are missing here. */
  readonly triggers?: string;
  /** Statements of virtual tables whose modules are missing. */
  readonly virtual?: readonly (readonly [name: string, statement: string])[];
}

const rows = (count: number) => `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`;

export const REAL_SCHEMAS = {
  geopackage: {
    made: `
      PRAGMA application_id = 1196444487; PRAGMA user_version = 10300;
      CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, definition TEXT NOT NULL);
      CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
        last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')), min_x DOUBLE, min_y DOUBLE,
        srs_id INTEGER, CONSTRAINT fk_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
      CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
        srs_id INTEGER NOT NULL, z TINYINT NOT NULL CHECK (z IN (0, 1, 2)), PRIMARY KEY (table_name, column_name),
        FOREIGN KEY (table_name) REFERENCES gpkg_contents (table_name));
      CREATE TABLE rivers (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom BLOB, name TEXT(80), kind TEXT, km REAL);
      CREATE VIRTUAL TABLE rtree_rivers_geom USING rtree (id, minx, maxx, miny, maxy);
      CREATE VIEW wide_rivers AS SELECT fid, geom, name FROM rivers WHERE kind = "wide";
      CREATE VIEW measured AS SELECT ST_Length(geom) AS geom_length, fid FROM rivers WHERE NOT ST_IsEmpty(geom);
      INSERT INTO gpkg_spatial_ref_sys VALUES ('plane', 0, 'undefined'), ('sphere', 4326, 'GEOGCS[]');
      INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('rivers', 'features', 'Rivers', 4326);
      INSERT INTO gpkg_geometry_columns VALUES ('rivers', 'geom', 'LINESTRING', 4326, 0);
      ${rows(120)} INSERT INTO rivers SELECT i, zeroblob(i % 9), 'river ' || i, CASE i % 3 WHEN 0 THEN 'wide' END, i / 2.0 FROM n;
      INSERT INTO rtree_rivers_geom SELECT fid, km, km + 1, 0, 1 FROM rivers;`,
    triggers: `
      CREATE TRIGGER rtree_rivers_geom_insert AFTER INSERT ON rivers WHEN (NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom))
      BEGIN INSERT OR REPLACE INTO rtree_rivers_geom VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;
      CREATE TRIGGER rtree_rivers_geom_update AFTER UPDATE OF geom ON rivers
      WHEN OLD.fid = NEW.fid AND (NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom))
      BEGIN INSERT OR REPLACE INTO rtree_rivers_geom VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;
      CREATE TRIGGER rtree_rivers_geom_delete AFTER DELETE ON rivers WHEN OLD.geom NOT NULL
      BEGIN DELETE FROM rtree_rivers_geom WHERE id = OLD.fid; END;
      CREATE TRIGGER kinds BEFORE INSERT ON rivers WHEN NEW.kind NOT IN ("wide", "narrow") BEGIN SELECT RAISE(ABORT, "no such kind"); END;`,
  },
  zotero: {
    made: `
      CREATE TABLE itemTypes (itemTypeID INTEGER PRIMARY KEY, typeName TEXT, display INT DEFAULT 1);
      CREATE TABLE items (itemID INTEGER PRIMARY KEY, itemTypeID INT NOT NULL, dateAdded TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
        libraryID INT NOT NULL, key TEXT NOT NULL, version INT NOT NULL DEFAULT 0, UNIQUE (libraryID, key),
        FOREIGN KEY (itemTypeID) REFERENCES itemTypes (itemTypeID));
      CREATE INDEX items_added ON items (dateAdded);
      CREATE TABLE itemDataValues (valueID INTEGER PRIMARY KEY, value UNIQUE);
      CREATE TABLE itemData (itemID INT, fieldID INT, valueID, PRIMARY KEY (itemID, fieldID),
        FOREIGN KEY (itemID) REFERENCES items (itemID) ON DELETE CASCADE, FOREIGN KEY (valueID) REFERENCES itemDataValues (valueID));
      CREATE TABLE itemNotes (itemID INTEGER PRIMARY KEY, parentItemID INT, note TEXT, title TEXT,
        FOREIGN KEY (itemID) REFERENCES items (itemID) ON DELETE CASCADE, FOREIGN KEY (parentItemID) REFERENCES items (itemID) ON DELETE CASCADE);
      CREATE TRIGGER insert_notes BEFORE INSERT ON itemNotes FOR EACH ROW WHEN NEW.parentItemID = NEW.itemID
      BEGIN SELECT RAISE(ABORT, 'a note cannot be its own parent'); END;
      INSERT INTO itemTypes (itemTypeID, typeName) VALUES (1, 'note'), (2, 'book');
      ${rows(150)} INSERT INTO items (itemID, itemTypeID, dateAdded, libraryID, key) SELECT i, 1 + i % 2, '2024-01-01', 1, 'K' || i FROM n;
      ${rows(150)} INSERT INTO itemDataValues SELECT i, 'value ' || i FROM n;
      ${rows(150)} INSERT INTO itemData SELECT i, 4, i FROM n; ${rows(40)} INSERT INTO itemNotes SELECT i * 2, i * 2 - 1, 'note', NULL FROM n;`,
  },
  fossil: {
    made: `
      CREATE TABLE blob (rid INTEGER PRIMARY KEY, rcvid INTEGER, size INTEGER, uuid TEXT UNIQUE NOT NULL, content BLOB,
        CHECK (length(uuid) >= 40 AND rid > 0));
      CREATE TABLE delta (rid INTEGER PRIMARY KEY, srcid INTEGER NOT NULL REFERENCES blob);
      CREATE INDEX delta_i1 ON delta (srcid);
      CREATE TABLE event (type TEXT, mtime DATETIME, objid INTEGER PRIMARY KEY, user TEXT, comment TEXT);
      CREATE INDEX event_i1 ON event (mtime);
      CREATE TABLE tagxref (tagid INTEGER, tagtype INTEGER, rid INTEGER REFERENCES blob, value TEXT, UNIQUE (rid, tagid));
      CREATE TABLE unversioned (name TEXT PRIMARY KEY, hash TEXT) WITHOUT ROWID;
      CREATE VIEW artifact (blobid, rcvid, size, srcid, hash, content)
        AS SELECT blob.rid, rcvid, size, srcid, uuid, content(uuid) FROM blob LEFT JOIN delta ON blob.rid = delta.rid;
      ${rows(130)} INSERT INTO blob SELECT i, 1, i, printf('%040d', i), zeroblob(i) FROM n;
      INSERT INTO delta SELECT rid, rid - 1 FROM blob WHERE rid % 4 = 0;
      INSERT INTO event SELECT 'ci', 2460000.5 + rid, rid, 'drh', 'check-in' FROM blob;
      INSERT INTO tagxref SELECT 8, 2, rid, 'trunk' FROM blob; INSERT INTO unversioned VALUES ('a', 'b');`,
  },
  chromium: {
    made: `
      CREATE TABLE meta (key LONGVARCHAR NOT NULL UNIQUE PRIMARY KEY, value LONGVARCHAR);
      CREATE TABLE urls (id INTEGER PRIMARY KEY AUTOINCREMENT, url LONGVARCHAR, title LONGVARCHAR, visit_count INTEGER DEFAULT 0 NOT NULL,
        hidden INTEGER DEFAULT 0 NOT NULL);
      CREATE INDEX urls_url_index ON urls (url);
      CREATE TABLE visits (id INTEGER PRIMARY KEY AUTOINCREMENT, url INTEGER NOT NULL, visit_time INTEGER NOT NULL, from_visit INTEGER,
        transition INTEGER DEFAULT 0 NOT NULL, is_known BOOLEAN DEFAULT FALSE NOT NULL);
      CREATE INDEX visits_url_index ON visits (url); CREATE INDEX visits_time_index ON visits (visit_time);
      CREATE TABLE "autofill_model" (name VARCHAR, value VARCHAR, count INTEGER DEFAULT 1, PRIMARY KEY (name, value));
      INSERT INTO meta VALUES ('version', '70'), ('mmap_status', '-1');
      ${rows(140)} INSERT INTO urls (url, title) SELECT 'https://host/' || i, 'page ' || i FROM n;
      ${rows(200)} INSERT INTO visits (url, visit_time) SELECT 1 + i % 140, 13350000000000000 + i FROM n;
      INSERT INTO autofill_model VALUES ('city', 'Bern', 3);`,
  },
  anki: {
    made: `
      CREATE TABLE col (id INTEGER PRIMARY KEY, crt INTEGER NOT NULL, conf TEXT NOT NULL);
      CREATE TABLE notes (id INTEGER PRIMARY KEY, guid TEXT NOT NULL, mid INTEGER NOT NULL, usn INTEGER NOT NULL, flds TEXT NOT NULL,
        sfld INTEGER NOT NULL, csum INTEGER NOT NULL);
      CREATE INDEX ix_notes_usn ON notes (usn); CREATE INDEX ix_notes_csum ON notes (csum);
      CREATE TABLE cards (id INTEGER PRIMARY KEY, nid INTEGER NOT NULL, did INTEGER NOT NULL, due INTEGER NOT NULL, data TEXT NOT NULL);
      CREATE INDEX ix_cards_nid ON cards (nid);
      CREATE TABLE notetypes (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE, config BLOB NOT NULL);
      CREATE UNIQUE INDEX idx_notetypes_name ON notetypes (name);
      CREATE TABLE tags (tag TEXT NOT NULL PRIMARY KEY COLLATE NOCASE, usn INTEGER NOT NULL) WITHOUT ROWID;
      CREATE VIEW by_type AS SELECT t.name, n.flds FROM notes n JOIN notetypes t ON t.id = n.mid ORDER BY t.name COLLATE NOCASE;
      INSERT INTO col VALUES (1, 1700000000, '{}'); INSERT INTO notetypes VALUES (1, 'Basic', x'00'), (2, 'Cloze', x'01');
      ${rows(160)} INSERT INTO notes SELECT i, 'g' || i, 1 + i % 2, -1, 'front' || char(31) || 'back', 'front', i FROM n;
      INSERT INTO cards SELECT id + 1000, id, 1, id, '' FROM notes; INSERT INTO tags VALUES ('verb', -1), ('noun', -1);`,
    written: [['COLLATE NOCASE', 'COLLATE unicase']],
  },
  mbtiles: {
    made: `
      CREATE TABLE metadata (name TEXT, value TEXT); CREATE UNIQUE INDEX name ON metadata (name);
      CREATE TABLE map (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_id TEXT, grid_id TEXT);
      CREATE UNIQUE INDEX map_index ON map (zoom_level, tile_column, tile_row);
      CREATE TABLE images (tile_data BLOB, tile_id TEXT); CREATE UNIQUE INDEX images_id ON images (tile_id);
      CREATE VIEW tiles AS SELECT map.zoom_level AS zoom_level, map.tile_column AS tile_column, map.tile_row AS tile_row,
        images.tile_data AS tile_data FROM map JOIN images ON images.tile_id = map.tile_id;
      CREATE TRIGGER tiles_insert INSTEAD OF INSERT ON tiles BEGIN
        INSERT OR IGNORE INTO images (tile_data, tile_id) VALUES (NEW.tile_data, NEW.zoom_level || '/' || NEW.tile_column || '/' || NEW.tile_row);
        INSERT INTO map (zoom_level, tile_column, tile_row, tile_id)
        VALUES (NEW.zoom_level, NEW.tile_column, NEW.tile_row, NEW.zoom_level || '/' || NEW.tile_column || '/' || NEW.tile_row);
      END;
      CREATE VIEW formats AS SELECT value FROM metadata WHERE name = "format";
      INSERT INTO metadata VALUES ('name', 'world'), ('format', 'png');
      ${rows(140)} INSERT INTO tiles SELECT 7, i % 12, i, zeroblob(i) FROM n;`,
  },
  broken: {
    made: `
      CREATE TABLE things (id INTEGER PRIMARY KEY, state TEXT CHECK (state IN ('new', 'old')), price NUMERIC, note TEXT DEFAULT 'none');
      CREATE INDEX fresh ON things (price) WHERE state = 'new';
      CREATE TABLE others (id INTEGER PRIMARY KEY, a, b);
      CREATE VIEW lost AS SELECT price, id FROM nowhere; CREATE VIEW lost_too AS SELECT * FROM lost;
      CREATE VIEW halves AS SELECT things.id, absent FROM things;
      ${rows(150)} INSERT INTO things SELECT i, CASE i % 2 WHEN 0 THEN 'new' ELSE 'old' END, i, 'n' || i FROM n;
      INSERT INTO others SELECT id, id, id FROM things WHERE id < 4 AND id > 9;`,
    written: [
      ["('new', 'old')", '("new", "old")'],
      ["state = 'new'", 'state = "new"'],
    ],
    virtual: [['spots', 'CREATE VIRTUAL TABLE spots USING no_such_module (x, y)']],
    triggers: `CREATE TRIGGER lost_others AFTER INSERT ON others BEGIN INSERT INTO nowhere VALUES (NEW.a); END;
      CREATE TRIGGER spotted AFTER DELETE ON others BEGIN DELETE FROM spots WHERE x = OLD.a; END;`,
  },
} as const satisfies Readonly<Record<string, RealSchema>>;

export type RealSchemaName = keyof typeof REAL_SCHEMAS;
export const REAL_SCHEMA_NAMES = Object.keys(REAL_SCHEMAS) as readonly RealSchemaName[];

/** Creates the schema and its rows in an empty database. Afterwards, open it again. */
export const createRealSchema = (sql: Sqlite.Database, name: RealSchemaName): void => {
  const { made, written = [], triggers = '', virtual = [] }: RealSchema = REAL_SCHEMAS[name];
  sql.exec(made);
  sql.unsafeMode(true);
  sql.pragma('writable_schema = ON');
  const rewrite = sql.prepare('UPDATE sqlite_schema SET sql = replace(sql, ?, ?)');
  for (const texts of written) rewrite.run(...texts);
  const add = sql.prepare("INSERT INTO sqlite_schema VALUES ('table', @name, @name, 0, @statement)");
  for (const [table, statement] of virtual) add.run({ name: table, statement });
  sql.pragma(`schema_version = ${(sql.pragma('schema_version', { simple: true }) as number) + 1}`);
  sql.pragma('writable_schema = RESET');
  sql.unsafeMode(false);
  sql.exec(triggers);
};
