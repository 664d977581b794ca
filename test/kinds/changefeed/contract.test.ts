import { testKindContract } from '../contract.ts';
import { CHANGEFEED, openScene } from './scene.ts';

testKindContract('the scan of several tables', CHANGEFEED, () =>
  openScene(
    `CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);
     CREATE TABLE pairs (a TEXT, b INT, c BLOB, PRIMARY KEY (b, a)) WITHOUT ROWID;
     CREATE TABLE keyed (k TEXT COLLATE NOCASE PRIMARY KEY DESC, v);
     CREATE TABLE empty (id INTEGER PRIMARY KEY);
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
       INSERT INTO t SELECT i * 3, 'name ' || i FROM n;
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
       INSERT INTO pairs SELECT 'a' || (i % 7), i / 3, zeroblob(i) FROM n;
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
       INSERT INTO keyed SELECT CASE WHEN i % 5 > 0 THEN 'k' || i END, i FROM n;`,
    { tables: ['t', 'pairs', 'keyed', 'empty'] },
  ),
);
