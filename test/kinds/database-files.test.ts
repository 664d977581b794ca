/** Databases as other programs leave them go through every kind. docs/tested-databases.md lists the outcomes. */
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { changesOf, startApp, type TestApp } from '../support/app.ts';
import { createDatabaseFiles } from '../support/database-files.ts';
import { everyKind } from '../support/every-kind.ts';

/** What differs from `ok`, and why it has to. */
const EXPECTED: Readonly<Record<string, object>> = {
  anki: {
    restoreInto: expect.stringContaining('so it can be restored only into a new database'),
    watched: expect.stringContaining('no such collation sequence: unicase'),
    changed: expect.stringMatching(/^ok, 3 of 5 tables: .*no such collation sequence: unicase/),
    warnings: expect.arrayContaining(['table "tags" was not checked: no such collation sequence: unicase']),
  },
  broken: { watched: expect.anything(), warnings: expect.anything() },
};

const OK = { backup: 'ok', verify: 'ok', restoreNew: 'ok', restoreInto: 'ok', warnings: [] };
const IS_OK = {
  watched: expect.stringMatching(/^(ok, \d+ rows|no table with a key)$/),
  changed: expect.stringMatching(/^ok, \d+ of \d+ tables$/),
};

const register = async (app: TestApp, name: string, file: string) => {
  const { errors } = await app.send({
    query: 'mutation ($input: CreateDatabaseInput!) { createDatabase(input: $input) { database { name } } }',
    variables: { input: { name, url: `file:${file}` } },
  });
  expect(errors).toBeUndefined();
};

/** How many files are in work at the same time. */
const LANES = 3;

test('every database file is registered, backed up, verified, restored, watched and changed', async () => {
  await using app = await startApp({ settings: { WORKERS: '4' } });
  const folder = join(app.dataDir, 'theirs');
  mkdirSync(folder);
  const files = createDatabaseFiles(folder).map((made, i) => ({ ...made, database: `d${i}` }));
  const follow = async (lane: number) => {
    await using changes = changesOf(app);
    for (const { name, file, database } of files.filter((_, i) => i % LANES === lane)) {
      await register(app, database, file);
      const outcomes = await everyKind({ app, changes }, database, file);
      expect({ name, ...outcomes }).toEqual({ name, ...OK, ...IS_OK, ...EXPECTED[name] });
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, lane) => follow(lane)));
});

/** `npm run soak -- databases` sets this to a folder of files, and prints a row of the table for each of them. */
const FOLDER = process.env.DATABASES;

const followAll = async (folder: string) => {
  await using app = await startApp({ settings: { WORKERS: '4' } });
  await using changes = changesOf(app);
  const rows: string[] = [];
  for (const [i, name] of readdirSync(folder)
    .filter((one) => !/-(wal|shm|journal)$/.test(one))
    .entries()) {
    const file = join(app.dataDir, name);
    for (const end of ['', '-wal', '-journal']) {
      if (existsSync(join(folder, name + end))) copyFileSync(join(folder, name + end), file + end);
    }
    await register(app, `d${i}`, file);
    const { warnings, ...outcomes } = await everyKind({ app, changes }, `d${i}`, file);
    rows.push(`| ${[name, ...Object.values(outcomes), warnings.length].join(' | ')} |`);
  }
  process.stdout.write(`${rows.join('\n')}\n`);
  expect(rows.length).toBeGreaterThan(0);
};

if (FOLDER !== undefined) test('database files of other programs', () => followAll(FOLDER), 3_600_000);
