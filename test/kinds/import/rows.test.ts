import { describe, expect, it } from 'vitest';
import { execute } from '../contract.ts';
import { IMPORT, openScene, PEOPLE, type SceneInput } from './scene.ts';

const kind = IMPORT;
const imported = async (input: SceneInput, select = 'SELECT * FROM people') => {
  await using scene = await openScene(input);
  await execute({ kind, scene, epoch: 1 });
  return scene.all(select);
};
const failure = async (input: SceneInput) => {
  await using scene = await openScene(input);
  const before = scene.snapshot();
  const error: unknown = await execute({ kind, scene, epoch: 1 }).catch((thrown: unknown) => thrown);
  await execute({ kind, scene, epoch: 2, task: 'revert' });
  expect([scene.snapshot(), scene.hidden()]).toEqual([before, []]);
  return (error as Error).message;
};
const csv = (content: string | Uint8Array) => ({ files: { 'a.csv': content } });

describe('rows', () => {
  it('arrive as they are, empty fields as NULL', async () => {
    expect(await imported({})).toEqual([
      [1, 'Ada', 36],
      [2, 'Grace, Rear Admiral', 85],
      [3, null, null],
    ]);
  });

  it('keep a quoted empty field as text, and take what nullif says for NULL', async () => {
    const content = 'id,name,age\n1,"",\\N\n2,\\N,2\n3,"\\N",3\n';
    expect(await imported({ ...csv(content), csv: { nullif: '\\N' } })).toEqual([
      [1, '', null],
      [2, null, 2],
      [3, '\\N', 3],
    ]);
  });

  it('go by the names of each header, in whatever order and case; what a source leaves out gets its default', async () => {
    const files = { 'a.csv': 'age,ID,name\n36,1,Ada\n', 'b.csv': 'name,id\nGrace,2\n' };
    const columns = [...PEOPLE.slice(0, 2), { name: 'age', type: 'INTEGER', default: '-1' }];
    expect(await imported({ files, columns })).toEqual([
      [1, 'Ada', 36],
      [2, 'Grace', -1],
    ]);
  });

  it('fill the columns that into names, in order', async () => {
    expect(await imported({ ...csv('Ada,1\n'), csv: { header: false }, into: ['name', 'id'] })).toEqual([
      [1, 'Ada', null],
    ]);
  });

  it('are found behind skipped lines, comments and a byte order mark, with other marks', async () => {
    const content = `\ufeffid|name|age\n# a comment\n1|'a|b'|3\n`;
    const input = { ...csv(content), csv: { delimiter: '|', quote: "'", comment: '#' } };
    expect(await imported(input)).toEqual([[1, 'a|b', 3]]);
    const skipped = { ...csv(`made by "hand\nid\tname\n1\t"x\n`), csv: { delimiter: '\t', quote: null, skip: 1 } };
    expect(await imported(skipped)).toEqual([[1, '"x', null]]);
  });

  it('of text go into a BLOB as bytes, into TEXT as text', async () => {
    const columns = [
      { name: 'id', type: 'blob' },
      { name: 'name', type: 'TEXT' },
    ];
    const select = 'SELECT typeof(id), hex(id), typeof(name) FROM people';
    expect(await imported({ ...csv('id,name\né,1\n'), columns }, select)).toEqual([['blob', 'C3A9', 'text']]);
  });

  it('are as many as the source has, each once, over many batches', async () => {
    const content = `id,name,age\n${Array.from({ length: 20_000 }, (_, i) => `${i},n${i},\n`).join('')}`;
    const select = 'SELECT count(*), count(DISTINCT id), sum(id), min(rowid), max(rowid) FROM people';
    expect(await imported(csv(content), select)).toEqual([[20_000, 20_000, 199_990_000, 1, 20_000]]);
  });

  it('are converted to numbers where they are numbers, in an ordinary table too', async () => {
    const select = 'SELECT typeof(id), id, typeof(age), age FROM people';
    const content = csv('id,age\n12,7\n1.0,1.50\n');
    const columns = [
      { name: 'id', type: 'INTEGER' },
      { name: 'age', type: 'NUMERIC' },
    ];
    expect(await imported({ ...content, columns }, select)).toEqual([
      ['integer', 12, 'integer', 7],
      ['integer', 1, 'real', 1.5],
    ]);
  });

  it('come in small batches when there is a limit on rows a second, each step counting them', async () => {
    const content = `id,name,age\n${'1,a,1\n'.repeat(101)}`;
    await using scene = await openScene({ ...csv(content), maxRowsPerSecond: 1000 });
    const counted: unknown[] = [];
    await execute({ kind, scene, epoch: 1, watch: ({ counters }) => counted.push(counters) });
    const of = (rows: number) => ({ rows, bytes: 12 + 6 * rows, rejected: 0 });
    expect(counted).toEqual([of(0), of(50), of(100), of(101), of(101)]);
  });

  it('go into tables and columns of any name', async () => {
    const columns = [
      { name: 'a "b" c', type: 'TEXT' },
      { name: 'größe, 寸', type: 'INTEGER' },
      { name: 'select', type: 'ANY' },
    ];
    const table = 'drop "table"; --';
    const rows = await imported(
      { ...csv('"größe, 寸",select,"a ""b"" c"\n1,x,y\n'), columns, table },
      'SELECT * FROM "drop ""table""; --"',
    );
    expect(rows).toEqual([['y', 1, 'x']]);
  });
});

describe('a new table', () => {
  const sqlOf = async (columns: SceneInput['columns']) => {
    const [[sql]] = (await imported(
      { columns: columns ?? [] },
      "SELECT sql FROM sqlite_schema WHERE name = 'people'",
    )) as [[string]];
    return sql.replaceAll(/\s+/g, ' ');
  };

  it('is STRICT when all its types can be, and ordinary otherwise', async () => {
    expect(await sqlOf(PEOPLE)).toBe('CREATE TABLE "people" ( "id" INTEGER, "name" TEXT, "age" INTEGER ) STRICT');
    const loose = [...PEOPLE.slice(0, 2), { name: 'age', type: 'DECIMAL(10, 2)' }];
    expect(await sqlOf(loose)).toBe('CREATE TABLE "people" ( "id" INTEGER, "name" TEXT, "age" DECIMAL(10, 2) )');
  });

  it('has its key, defaults and NOT NULLs', async () => {
    const [id, name, age] = PEOPLE as [(typeof PEOPLE)[0], (typeof PEOPLE)[0], (typeof PEOPLE)[0]];
    expect(await sqlOf([{ ...id, primaryKey: true }, { ...name, default: "'o''k'" }, age])).toBe(
      `CREATE TABLE "people" ( "id" INTEGER PRIMARY KEY, "name" TEXT DEFAULT 'o''k', "age" INTEGER ) STRICT`,
    );
    const files = csv('id,name,age\n1,a,2\n');
    const sql = await imported(
      {
        ...files,
        columns: [
          { ...id, primaryKey: true },
          { ...name, primaryKey: true },
          { ...age, nullable: false },
        ],
      },
      'SELECT group_concat(name) FROM pragma_table_info(\'people\') WHERE pk > 0 AND "notnull" = 1',
    );
    expect(sql).toEqual([['id,name']]);
  });

  it('is out of sight until the end, and its key works behind it', async () => {
    await using scene = await openScene({
      columns: [{ name: 'id', type: 'INT', primaryKey: true }, ...PEOPLE.slice(1)],
    });
    const before = scene.snapshot();
    await execute({ kind, scene, epoch: 1, watch: () => expect(scene.snapshot()).toEqual(before) });
    expect(scene.all('SELECT count(*) FROM people')).toEqual([[3]]);
    expect(() => scene.exec('INSERT INTO people (id) VALUES (1)')).toThrow('UNIQUE constraint failed: people.id');
    expect(scene.hidden()).toEqual([]);
  });

  it('is published beside a view that is broken', async () => {
    await using scene = await openScene();
    scene.exec('CREATE VIEW broken AS SELECT x FROM nowhere');
    expect((await execute({ kind, scene, epoch: 1 })).ended).toBe(true);
  });
});

describe('a bad row fails the import, with its line and column', () => {
  const [id, name, age] = PEOPLE as [(typeof PEOPLE)[0], (typeof PEOPLE)[0], (typeof PEOPLE)[0]];
  const behind = (lines: number, row: string) => csv(`id,name,age\n${'1,"a\nb",\n'.repeat(lines / 2)}${row}\n1,a,1\n`);

  const cases: readonly [string, SceneInput, string][] = [
    ['too few fields, far behind', behind(20_000, '1,2'), 'nodelocal:///a.csv line 20002: 2 fields, expected 3: "1,2"'],
    ['too many fields', csv('id,name,age\n1,2,3,4\n'), 'nodelocal:///a.csv line 2: 4 fields, expected 3: "1,2,3,4"'],
    ['text for a number', behind(100, '1,x,abc'), 'nodelocal:///a.csv line 102, column age: not an integer: "abc"'],
    [
      'a long value',
      csv(`age\n${'x'.repeat(5000)}\n`),
      `nodelocal:///a.csv line 2, column age: not an integer: "${'x'.repeat(100)}…"`,
    ],
    [
      'NULL',
      { ...csv('id,name,age\n1,a,1\n1,,1\n'), columns: [id, { ...name, nullable: false }, age] },
      'nodelocal:///a.csv line 3, column name: NULL is not allowed: NULL',
    ],
    [
      'a key twice',
      { ...csv('id\n1\n2\n1\n'), columns: [{ ...id, primaryKey: true }] },
      'nodelocal:///a.csv line 4, column id: duplicate primary key: "1"',
    ],
    [
      'a key of two twice',
      {
        ...csv('id,age\n1,2\n2,2\n1,2\n'),
        columns: [
          { ...id, primaryKey: true },
          { ...age, primaryKey: true },
        ],
      },
      'nodelocal:///a.csv line 4: duplicate primary key: "1,2"',
    ],
    [
      'text for a rowid',
      {
        ...csv('id,age\n1,2\nx,2\n'),
        columns: [
          { ...id, primaryKey: true },
          { ...age, type: 'NUMERIC' },
        ],
      },
      'nodelocal:///a.csv line 3, column id: not an integer: "x"',
    ],
    [
      'NULL for a key that must not number itself',
      { ...csv('id,age\n1,2\n,2\n'), columns: [{ ...id, primaryKey: true, nullable: false }, age] },
      'nodelocal:///a.csv line 3, column id: NULL is not allowed: ",2"',
    ],
    ['a NUL', csv('id,name,age\n1,a\0b,1\n'), 'nodelocal:///a.csv line 2, column name: a NUL byte: "1,a\\u0000b,1"'],
    [
      'no UTF-8',
      csv(Buffer.from('id,name,age\n1,\xff,1\n', 'latin1')),
      'nodelocal:///a.csv line 2, column name: invalid UTF-8: "1,\ufffd,1"',
    ],
    [
      'a quote left open',
      csv('id,name,age\n1,a,1\n2,"b,1\n'),
      'nodelocal:///a.csv line 3, column name: quote never closed: "2,\\"b,1"',
    ],
    [
      'the first of several',
      csv('id,name,age\n1,a,1\n2,b,x\n1,2\n'),
      'nodelocal:///a.csv line 3, column age: not an integer: "x"',
    ],
  ];
  it.each(cases)('%s', async (_, input, message) => {
    expect(await failure(input)).toBe(message);
  });

  it('a line that is too long, in bounded memory', async () => {
    const files = { 'a.csv': Buffer.concat([Buffer.from('id,name,age\n1,a,1\n2,'), Buffer.alloc(60_000_000, 120)]) };
    await using scene = await openScene({ files });
    let most = 0;
    const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers)), 5);
    const before = process.memoryUsage().arrayBuffers;
    await expect(execute({ kind, scene, epoch: 1 })).rejects.toThrow('a.csv line 3: the row is longer than 16 MiB');
    clearInterval(timer);
    expect(most - before).toBeLessThan(200 * 1024 * 1024);
  });
});
