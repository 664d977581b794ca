import { testKindContract } from '../contract.ts';
import { openChange, SCHEMA_CHANGE } from './scene.ts';

const rows = (table: string, count: number, values: string) =>
  `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count}) INSERT INTO ${table} SELECT ${values} FROM n;`;

testKindContract('schema change of a table with rowids', SCHEMA_CHANGE, () =>
  openChange(
    `CREATE TABLE people (name TEXT UNIQUE, age INTEGER, note);
     CREATE INDEX ages ON people (age DESC, lower(name)) WHERE age > 3;
     CREATE VIEW grown AS SELECT name FROM people WHERE age > 17;
     CREATE TRIGGER checked BEFORE INSERT ON people WHEN NEW.age > 200 BEGIN SELECT RAISE(ABORT, 'too old'); END;
     ${rows('people', 700, "'n' || i, i % 90, i")} DELETE FROM people WHERE _rowid_ % 7 = 3;`,
    { alterColumn: { table: 'people', column: 'name', nullable: false, default: "'x'" } },
    { dropColumn: { table: 'people', column: 'note' } },
  ),
);

testKindContract(
  'schema change of two tables, one WITHOUT ROWID, one that only the catalogue knows of',
  SCHEMA_CHANGE,
  () =>
    openChange(
      `CREATE TABLE links (a TEXT COLLATE NOCASE, b INT, weight, PRIMARY KEY (a, b DESC)) WITHOUT ROWID;
     CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT, value TEXT) STRICT;
     CREATE TABLE plain (a, b);
     ${rows('links', 350, "'k' || (i % 13), i, i / 3.0")} ${rows('numbered', 350, "i * 2, '1' || i")} ${rows('plain', 9, 'i, i')}`,
      { createIndex: { table: 'links', name: 'weights', columns: ['weight', 'b'], unique: true } },
      { alterColumn: { table: 'numbered', column: 'value', type: 'INTEGER' } },
      { renameColumn: { table: 'plain', column: 'a', to: 'c' } },
      { addColumn: { table: 'plain', column: { name: 'd', type: 'TEXT', default: "'new'" } } },
    ),
);
