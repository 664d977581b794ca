import { expect, test } from 'vitest';
import { execute } from '../contract.ts';
import { IMPORT, openScene } from './scene.ts';

const COLUMNS = [
  { name: 'zip', type: 'STRING' },
  { name: 'price', type: 'DECIMAL(20,2)' },
  { name: 'n', type: 'BIGINT' },
  { name: 'paid', type: 'BOOL' },
  { name: 'at', type: 'TIMESTAMPTZ' },
  { name: 'bytes', type: 'BYTEA' },
];
const CONTENT = `zip,price,n,paid,at,bytes
00601,12345678901234.50,9223372036854775807,true,2024-01-31 10:00:00+01,\\x0102
1E5,1,9223372036854775808,f,2024-01-31,\\x
1.10,12345678901234567.89,1,yes,2024-02-30,text
`;
const STORED = "SELECT zip, typeof(zip), price, format('%d', n), paid, at, hex(bytes) FROM people";

test('no value changes on its way into a new table, and what has no stored form is set aside', async () => {
  await using scene = await openScene({ files: { 'a.csv': CONTENT }, columns: COLUMNS, rejectLimit: 10 });
  await execute({ kind: IMPORT, scene, epoch: 1 });
  expect(scene.all(STORED)).toEqual([
    ['00601', 'text', 12345678901234.5, '9223372036854775807', 1, '2024-01-31 10:00:00+01', '0102'],
  ]);
  const rejects = scene.all("SELECT name FROM sqlite_schema WHERE name LIKE '%rejects%'") as [string][];
  expect(scene.all(`SELECT line, column, reason FROM "${rejects[0]?.[0]}"`)).toEqual([
    [3, 'n', 'out of the range of BIGINT'],
    [4, 'price', 'SQLite does not keep all digits of this DECIMAL(20,2): declare the column as TEXT'],
  ]);
});

test('keys that differ only in how they are written stay different', async () => {
  const columns = [{ name: 'version', type: 'STRING', primaryKey: true }];
  await using scene = await openScene({ files: { 'a.csv': 'version\n1.1\n1.10\n' }, columns });
  await execute({ kind: IMPORT, scene, epoch: 1 });
  expect(scene.all('SELECT version FROM people')).toEqual([['1.1'], ['1.10']]);
});

test.each([
  ['CSV', 'a.csv', 'paid\ntrue\nf\n1\nNo\n'],
  ['NDJSON', 'a.ndjson', '{"paid":true}\n{"paid":false}\n{"paid":1}\n{"paid":"no"}\n'],
] as const)('booleans of %s are 1 and 0', async (format, name, content) => {
  const columns = [{ name: 'paid', type: 'BOOLEAN' }];
  await using scene = await openScene({ files: { [name]: content }, columns, format });
  await execute({ kind: IMPORT, scene, epoch: 1 });
  expect(scene.all('SELECT paid FROM people')).toEqual([[1], [0], [1], [0]]);
});

test('numbers and booleans of NDJSON are text in a text column, as they are written', async () => {
  const columns = [{ name: 'x', type: 'STRING' }];
  const content = '{"x":1.10}\n{"x":true}\n{"x":12345678901234567890.5}\n{"x":"007"}\n';
  await using scene = await openScene({ files: { 'a.ndjson': content }, columns, format: 'NDJSON' });
  await execute({ kind: IMPORT, scene, epoch: 1 });
  expect(scene.all('SELECT x FROM people')).toEqual([['1.10'], ['true'], ['12345678901234567890.5'], ['007']]);
});

test('a column that exists and would change a text makes the row a bad one', async () => {
  await using place = await openScene({ files: { 'a.csv': 'zip\n00601\n' }, columns: [{ name: 'zip', type: 'TEXT' }] });
  place.exec('CREATE TABLE shops (zip STRING, n BIGINT)');
  const input = { database: 'demo', table: 'shops', sources: ['nodelocal:///a.csv'] };
  const { details } = await IMPORT.create(input, place.environment);
  const error: unknown = await execute({ kind: IMPORT, scene: { ...place, details }, epoch: 1 }).catch(
    (thrown) => thrown,
  );
  expect((error as Error).message).toBe(
    'nodelocal:///a.csv line 2, column zip: a column of type STRING would store it as a number: "00601"',
  );
  await execute({ kind: IMPORT, scene: { ...place, details }, epoch: 2, task: 'revert' });
  expect(place.all('SELECT count(*) FROM shops')).toEqual([[0]]);
});

test('names in a message of a constraint are left as they are', async () => {
  await using place = await openScene({ files: { 'a.csv': 'n\n1\n' }, columns: [{ name: 'n', type: 'INT' }] });
  place.exec('CREATE TABLE ai (n INT CONSTRAINT constraint_failing CHECK (n > 5))');
  const { details } = await IMPORT.create(
    { database: 'demo', table: 'ai', sources: ['nodelocal:///a.csv'] },
    place.environment,
  );
  const error: unknown = await execute({ kind: IMPORT, scene: { ...place, details }, epoch: 1 }).catch(
    (thrown) => thrown,
  );
  expect((error as Error).message).toContain('CHECK constraint failed: constraint_failing');
  await execute({ kind: IMPORT, scene: { ...place, details }, epoch: 2, task: 'revert' });
});

test.each([
  ['hexadecimal digits', '0102\nabcd\n', ['0102', 'ABCD']],
  ['base64', 'AQI=\nabcd\n', ['0102', '69B71D']],
  ['text', 'x\nabcd\n', ['78', '61626364']],
  ['digits after \\x, in any case', '\\xff\nAQI=\n', ['FF', '0102']],
])('bytes as %s', async (_, values, expected) => {
  const columns = [{ name: 'b', type: 'BYTES' }];
  await using scene = await openScene({ files: { 'a.csv': `b\n${values}` }, columns });
  await execute({ kind: IMPORT, scene, epoch: 1 });
  expect(scene.all('SELECT hex(b) FROM people').flat()).toEqual(expected);
});

test('bytes that are not written like those before them are a bad row', async () => {
  const content = `b\n${'AQI=\n'.repeat(1_100)}not base64\n`;
  await using scene = await openScene({ files: { 'a.csv': content }, columns: [{ name: 'b', type: 'BYTEA' }] });
  const error: unknown = await execute({ kind: IMPORT, scene, epoch: 1 }).catch((thrown) => thrown);
  expect((error as Error).message).toContain('line 1102, column b: not bytes as base64: "not base64"');
});
