import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { createLane } from '../../src/store/postgres/connection.ts';
import { migrate } from '../../src/store/postgres/migrate.ts';
import { createPostgresDatabase, execute } from '../support/postgres.ts';

/** The only fields in which the two schemas differ, besides instants and names in the database. */
const DIFFERENCES: Readonly<Record<string, readonly [sqlite: string | null, postgres: string | null]>> = {
  // Numbers that are handed out come from sequences.
  'Job.id': ['BigInt @id', 'BigInt @id @default(autoincrement())'],
  'Job.revision': ['BigInt', 'BigInt @default(autoincrement())'],
  'Event.cursor': ['Int @id @default(autoincrement())', 'BigInt @id @default(autoincrement())'],
  'AuditEvent.cursor': ['Int @id @default(autoincrement())', 'BigInt @id @default(autoincrement())'],
  'ExecutionError.id': ['Int @id @default(autoincrement())', 'BigInt @id @default(autoincrement())'],
  'Counters.horizon': ['Int @default(0)', 'BigInt @default(0)'],
  'Counters.auditHorizon': ['Int @default(0)', 'BigInt @default(0)'],
  'Counters.lastJobId': ['BigInt @default(0)', null],
  // Where a server's own files are.
  'Job.node': [null, 'String?'],
  'Database.node': [null, 'String?'],
  'Schedule.node': [null, 'String?'],
  'WorkerSession.node': [null, 'String?'],
  'WorkerSession.version': [null, 'String?'],
  // What other servers on the same store have to notice.
  'Counters.usersRevision': [null, 'BigInt @default(0)'],
  'Counters.removals': [null, 'BigInt @default(0)'],
  // Versions that run together.
  'Counters.readableBy': [null, 'String @default("20261130190500_readable_by")'],
  // PostgreSQL has partial indexes instead.
  'Job.@@index([status, nextAttemptAt, runAt, priority(sort: Desc)])': ['', null],
  'Job.@@index([type, status])': ['', null],
  'Counters.writeOrder': [null, 'String?'],
  'Counters.timeline': [null, 'String?'],
  'Counters.lost': [null, 'String @default("[]")'],
};

/** Of each field, such as `Job.id`, its type and attributes; of each block attribute, such as `Job.@@index`, the list. */
const fieldsOf = (provider: string) => {
  const fields = new Map<string, string>();
  let model = '';
  for (const line of readFileSync(resolve('prisma', provider, 'schema.prisma'), 'utf8').split('\n')) {
    model = /^model (\w+) \{/.exec(line)?.[1] ?? (line.startsWith('}') ? '' : model);
    const [, name = '', rest = ''] = /^ {2}(@@\w+|\w+)\s*(.*)$/.exec(line) ?? [];
    if (model === '' || name === '' || name === '@@map') continue;
    const key = name.startsWith('@@') ? `${model}.${name}${rest}` : `${model}.${name}`;
    const described = rest
      .replace(/ ?@map\("\w+"\)/, '')
      .replace(/\s+/g, ' ')
      .trim();
    fields.set(key, name.startsWith('@@') ? '' : described);
  }
  return fields;
};

test('the schemas of the two stores have the same models, but for the listed differences', () => {
  const [sqlite, postgres] = [fieldsOf('sqlite'), fieldsOf('postgres')];
  const differences: [string, readonly [string | null, string | null]][] = [];
  for (const key of new Set([...sqlite.keys(), ...postgres.keys()])) {
    const pair = [sqlite.get(key) ?? null, postgres.get(key) ?? null] as const;
    if (pair[0]?.replace('DateTime', 'BigInt') !== pair[1]) differences.push([key, pair]);
  }
  expect(Object.fromEntries(differences)).toEqual(DIFFERENCES);
});

const TYPES: Readonly<Record<string, string>> = {
  BigInt: 'bigint',
  Int: 'integer',
  Float: 'double precision',
  Boolean: 'boolean',
  String: 'text',
};
const snakeOf = (name: string) => name.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();

const INDEXES = `SELECT t.relname || '(' || string_agg(a.attname, ', ' ORDER BY k.position) || ')' AS name
  FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
    CROSS JOIN LATERAL unnest(i.indkey::int[]) WITH ORDINALITY AS k(number, position)
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
  GROUP BY i.indexrelid, t.relname`;

test('the migrations for PostgreSQL lead to its schema, and are recorded as Prisma records them', async () => {
  const database = await createPostgresDatabase();
  const lane = createLane(database.url, 30_000);
  await lane.use((db) => migrate(db, resolve('prisma', 'postgres', 'migrations')));
  await lane.use((db) => migrate(db, resolve('prisma', 'postgres', 'migrations')));
  await lane.close();
  const columns = await execute(
    database.url,
    `SELECT table_name || '.' || column_name AS name, data_type AS type, is_nullable = 'YES' AS nullable,
      column_default IS NOT NULL AS "hasDefault" FROM information_schema.columns
      WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'`,
  );
  const expected = [...fieldsOf('postgres')].flatMap(([key, described]) => {
    const [model = '', field = ''] = key.split('.');
    const [, type = '', nullable] = /^(\w+)(\?)?/.exec(described) ?? [];
    if (TYPES[type] === undefined || field.startsWith('@@')) return [];
    const name = `${snakeOf(model)}.${snakeOf(field)}`;
    return [{ name, type: TYPES[type], nullable: nullable === '?', hasDefault: described.includes('@default') }];
  });
  const byName = (one: { name?: unknown }, other: { name?: unknown }) =>
    String(one.name) < String(other.name) ? -1 : 1;
  expect([...columns].sort(byName)).toEqual(expected.sort(byName));

  const indexed = (await execute(database.url, INDEXES)).map(({ name }) => name);
  for (const key of fieldsOf('postgres').keys()) {
    const [, model, fields] = /^(\w+)\.@@(?:index|id|unique)\(\[(.*)\]\)/.exec(key) ?? [];
    if (model === undefined || fields === undefined) continue;
    const list = fields.split(', ').map((field) => snakeOf(field.replace('(sort: Desc)', '')));
    expect(indexed).toContain(`${snakeOf(model)}(${list.join(', ')})`);
  }
  const applied = await execute(
    database.url,
    'SELECT migration_name, finished_at IS NOT NULL AS done FROM _prisma_migrations',
  );
  expect(applied.every(({ done }) => done === true)).toBe(true);
  expect(applied.length).toBeGreaterThan(0);
  await database.drop();
});
