/** Random statements and messages, near the ones that work. */
import fc from 'fast-check';

const WORDS = [
  'PAUSE',
  'RESUME',
  'CANCEL',
  'JOB',
  'JOBS',
  'ALL',
  'BACKUP',
  'IMPORT',
  'SHOW',
  'SELECT',
  'FROM',
  'WHERE',
  '[SHOW JOBS]',
  '(SHOW JOBS)',
  'job_id',
  'status',
  'user_name',
  'created',
  'AND',
  'OR',
  'NOT',
  'IN',
  'IS',
  'NULL',
  'LIKE',
  'BETWEEN',
  '(',
  ')',
  '[',
  ']',
  ',',
  ';',
  '=',
  '<>',
  '<',
  '*',
  '.',
  '::int',
  '::text',
  '1',
  '-1',
  '1.5',
  '99999999999999999999',
  "'running'",
  "'x",
  "'%'",
  '"a"',
  '$1',
  '$2',
  '$$',
  'now()',
  "INTERVAL '1 day'",
  'count(*)',
  'GROUP BY',
  'ORDER BY',
  'LIMIT',
  'WITH',
  'AS',
  'x',
  'VALUES',
  'EXPLAIN',
  'TABLE',
  'DATABASE',
  'INTO',
  'TO',
  "'nodelocal:///x'",
  'ALTER',
  'CREATE',
  'INDEX',
  'ON',
  'DROP',
  'USE',
  'SET',
  'signalbox.dry_run',
  'on',
  'BEGIN',
  '--',
  '/*',
  '*/',
  '\n',
  '\0',
  'é',
  '😀',
  '\ud800',
  'pg_catalog.pg_class',
  'crdb_internal.jobs',
  'REASON',
  'OUTCOMES',
  'DECLARE c CURSOR FOR',
  'FETCH',
  'current_user',
  'CASE',
  'UNION',
  'JOIN',
  "E'\\",
  'U&"x"',
  "B'1'",
];

const BASES = [
  "PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] WHERE user_name = 'maxroach')",
  'SELECT status, count(*) FROM crdb_internal.jobs WHERE NOT (job_id > 5 OR error IS NULL) GROUP BY status ORDER BY 2 DESC LIMIT 3',
  "EXPLAIN CANCEL JOBS (VALUES (1), ($1)) WITH REASON = 'x', OUTCOMES",
  "WITH x AS (SHOW JOBS) SELECT * FROM x WHERE created > now() - INTERVAL '1 day'",
  "SELECT job_id FROM [SHOW JOBS] WHERE job_id = ANY('{1,2}') AND status LIKE 'r%' AND user_name <> ALL($1)",
  "SELECT datname FROM pg_catalog.pg_database d WHERE d.datname OPERATOR(pg_catalog.~) '^(a.*|b)$' AND oid = ANY('{1}')",
  'SHOW JOBS WHEN COMPLETE (SELECT job_id FROM [SHOW JOBS])',
  "BACKUP DATABASE absent TO 'nodelocal:///x' WITH detached",
  "IMPORT TABLE absent.t (id INT PRIMARY KEY, n TEXT DEFAULT 'x') CSV DATA ('nodelocal:///a') WITH skip = '1'",
  'ALTER TABLE absent.t ADD COLUMN a INT NOT NULL DEFAULT (1 + 2), DROP COLUMN b',
];

export const statements: fc.Arbitrary<string> = fc.oneof(
  fc.array(fc.constantFrom(...WORDS), { maxLength: 25 }).map((words) => words.join(' ')),
  fc
    .record({
      base: fc.constantFrom(...BASES),
      at: fc.nat(),
      length: fc.nat(12),
      words: fc.array(fc.constantFrom(...WORDS), { maxLength: 3 }),
    })
    .map(({ base, at, length, words }) => {
      const from = at % (base.length + 1);
      return base.slice(0, from) + words.join('') + base.slice(from + length);
    }),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

export const parameters = fc.array(
  fc.oneof(fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.constant({}), fc.constant([])),
  { maxLength: 3 },
);

const TYPES = 'QPBDECHSFXpdcf~\0';

/** Messages with bodies of any bytes, or of parts that messages have, and at times with a length that is wrong. */
export const messages: fc.Arbitrary<Buffer> = fc
  .record({
    type: fc.constantFrom(...TYPES),
    body: fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      fc
        .array(
          fc.oneof(
            fc.constantFrom(...BASES, '', 'SELECT $1', 'S', 'P').map((text) => Buffer.from(`${text}\0`)),
            fc.constantFrom(0, 1, 2, 255).map((n) => Buffer.from([0, n])),
            fc.constantFrom(0, 1, 20, 2 ** 24).map((n) => Buffer.from([n >> 24, n >> 16, n >> 8, n])),
          ),
          { maxLength: 6 },
        )
        .map((parts) => Buffer.concat(parts)),
    ),
    off: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: -9, max: 9 }) }),
  })
  .map(({ type, body, off }) => {
    const head = Buffer.alloc(5);
    head.write(type, 'latin1');
    head.writeInt32BE(body.length + 4 + off, 1);
    return Buffer.concat([head, body]);
  });

/** Statements that wait for a job that does not end, with and without parameters. */
export const waits = (id: string) =>
  fc.constantFrom<{ sql: string; values?: unknown[] }>(
    { sql: `SHOW JOB WHEN COMPLETE ${id}` },
    { sql: 'SHOW JOB WHEN COMPLETE $1', values: [id] },
    { sql: `SHOW JOBS WHEN COMPLETE (SELECT job_id FROM [SHOW JOBS] WHERE job_id = ${id})` },
    { sql: 'SHOW JOBS WHEN COMPLETE (SELECT job_id FROM [SHOW JOBS] WHERE job_id = ANY($1))', values: [[id]] },
    { sql: `SHOW JOBS WHEN COMPLETE (VALUES (${id}))` },
  );
