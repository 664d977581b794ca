import { gzipSync } from 'node:zlib';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { Transient } from '../../../src/jobs/kind.ts';
import { changesOf, startApp } from '../../support/app.ts';
import { filesWith } from '../../support/files.ts';
import { type Answer, send, serve, status, type Web } from '../../support/web.ts';
import { execute, testKindContract } from '../contract.ts';
import { IMPORT, openScene, PEOPLE, PEOPLE_CSV, type SceneInput } from './scene.ts';

const kind = IMPORT;
const ROWS = 60_000;
const MANY_CSV = `id,name,age\n${Array.from({ length: ROWS }, (_, i) => `${i},name ${i},36\n`).join('')}`;

const openFrom = async (web: Web, input: SceneInput = {}, path = '/a.csv') =>
  openScene({ files: {}, sources: [web.url + path], allowPrivateHosts: [web.host], ...input });
const refusal = (creation: Promise<unknown>) =>
  creation.then(
    () => 'created',
    ({ code, message, extensions }) => ({ code, message, field: extensions?.field }),
  );
const count = 'SELECT count(*), count(DISTINCT id), sum(id) FROM people';
const all = [[ROWS, ROWS, (ROWS * (ROWS - 1)) / 2]];

const openContract = async (answer: Answer) => {
  const web = await serve(answer);
  const scene = await openFrom(web, {}, '/a.csv?token=hush');
  const dispose = async () => {
    await scene[Symbol.asyncDispose]();
    await web[Symbol.asyncDispose]();
  };
  return { ...scene, [Symbol.asyncDispose]: dispose };
};
const CONTRACT_CSV = MANY_CSV.split('\n').slice(0, 13_000).join('\n');

testKindContract('import over http', IMPORT, () => openContract(send(CONTRACT_CSV)));
testKindContract('import over http of gzip, without ranges', IMPORT, () =>
  openContract(send(gzipSync(CONTRACT_CSV), { ranges: false })),
);

describe('a source over http', () => {
  it('goes on where it was with a range, and is read again where the server has none', async () => {
    for (const ranges of [true, false]) {
      await using web = await serve(send(MANY_CSV, { ranges }));
      await using scene = await openFrom(web);
      await execute({ kind, scene, epoch: 1, stopAt: 4 });
      const before = web.requests.length;
      await execute({ kind, scene, epoch: 2 });
      expect(scene.all(count)).toEqual(all);
      const asked = web.requests.slice(before).map(({ headers }) => headers.range);
      expect(asked).toContainEqual(expect.stringMatching(/^bytes=[1-9]\d+-$/));
    }
  });

  it('comes to its end when the connection breaks partway, each row once', async () => {
    let broken = 0;
    await using web = await serve((request, response) => {
      const body = request.headers.range !== 'bytes=0-0' && broken < 2;
      if (!body) return send(MANY_CSV)(request, response);
      const from = Number(/\d+/.exec(request.headers.range ?? '0')?.[0] ?? 0);
      broken += request.headers.range === undefined ? 0 : 1;
      const range = { 'content-range': `bytes ${from}-${MANY_CSV.length - 1}/${MANY_CSV.length}` };
      response.writeHead(206, { ...range, etag: '"one"', 'content-length': MANY_CSV.length - from });
      response.write(MANY_CSV.slice(from, from + 600_000), () => response.destroy());
    });
    await using scene = await openFrom(web);
    const errors: unknown[] = [];
    for (let epoch = 1, ended = false; !ended; epoch++) {
      await execute({ kind, scene, epoch }).then(
        () => (ended = true),
        (error) => errors.push(error),
      );
      expect(epoch).toBeLessThan(5);
    }
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) expect(error).toBeInstanceOf(Transient);
    expect(scene.all(count)).toEqual(all);
  });

  it('that changed between two runs, or while it is read, fails the import', async () => {
    for (const stopAt of [0, 1, 3]) {
      let etag = '"one"';
      await using web = await serve((...call) => send(MANY_CSV, { etag })(...call));
      await using scene = await openFrom(web);
      if (stopAt > 0) await execute({ kind, scene, epoch: 1, stopAt });
      etag = '"two"';
      const changed = `${web.url}/a.csv has changed since the job was created`;
      await expect(execute({ kind, scene, epoch: 2 })).rejects.toThrow(changed);
    }
    let etag = '"one"';
    await using web = await serve((...call) => send(MANY_CSV, { etag })(...call));
    await using scene = await openFrom(web);
    const watch = (_: unknown, count: number) => {
      if (count === 2) etag = '"two"';
    };
    await expect(execute({ kind, scene, epoch: 1, watch })).rejects.toThrow('has changed since the job was created');
  });

  it('can come among others, of whatever kind, in order', async () => {
    await using web = await serve((request, response) => {
      const content = request.url === '/b.csv.gz' ? gzipSync('id\n2\n') : 'id\n3\n';
      send(content)(request, response);
    });
    const sources = ['nodelocal:///a.csv', `${web.url}/b.csv.gz`, `${web.url}/c.csv`];
    await using scene = await openFrom(web, { files: { 'a.csv': 'id\n1\n' }, sources });
    await execute({ kind, scene, epoch: 1 });
    expect(scene.all('SELECT id FROM people')).toEqual([[1], [2], [3]]);
  });

  it('of a size that nobody says is counted by the number of sources', async () => {
    await using web = await serve((_, response) => {
      response.write('id\n');
      response.end('1\n');
    });
    const sources = [`${web.url}/a`, `${web.url}/b`];
    await using scene = await openFrom(web, { sources });
    const fractions: unknown[] = [];
    await execute({ kind, scene, epoch: 1, watch: ({ fractionCompleted }) => fractions.push(fractionCompleted) });
    expect(fractions).toEqual([0, 0, 0.5, 0.5]);
  });

  it('keeps its secrets to itself, and sends them', async () => {
    await using web = await serve(send(PEOPLE_CSV));
    const url = `${web.url.replace('//', '//ada:hush1@')}/a.csv?X-Amz-Signature=hush2`;
    await using scene = await openFrom(web, { sources: [url] });
    expect(JSON.stringify(scene.details)).not.toContain('hush');
    expect(scene.secrets).toEqual({ 'source 0': url });
    await execute({ kind, scene, epoch: 1 });
    expect(new Set(web.requests.map(({ url }) => url))).toEqual(new Set(['/a.csv?X-Amz-Signature=hush2']));
    expect(web.requests.every(({ headers }) => headers.authorization?.startsWith('Basic '))).toBe(true);

    let answer = send(PEOPLE_CSV);
    await using gone = await serve((...call) => answer(...call));
    await using failing = await openFrom(gone, {}, '/a.csv?sig=hush3');
    answer = status(500);
    const error: unknown = await execute({ kind, scene: failing, epoch: 1 }).catch((thrown: unknown) => thrown);
    expect(error).toEqual(new Transient(`${gone.url}/a.csv?sig=redacted cannot be read now (500)`));
  });

  it('that does not come is no longer waited for when the import is stopped', async () => {
    let answer = send(MANY_CSV);
    await using web = await serve((...call) => answer(...call));
    await using scene = await openFrom(web);
    answer = (_, response) => {
      response.writeHead(200, { etag: '"one"', 'content-length': MANY_CSV.length });
      response.write(MANY_CSV.slice(0, 300_000));
    };
    const stop = new AbortController();
    const watch = (_: unknown, count: number) => {
      if (count === 2) setImmediate(() => stop.abort(new Error('told to stop')));
    };
    // Waiting for the rest, which never comes, would end with another error.
    await expect(execute({ kind, scene, epoch: 1, watch, signal: stop.signal })).rejects.toThrow('told to stop');
  });
});

describe('the secrets of a URL', () => {
  it('are in no file of the data folder, whether the job runs or has ended, and sealed in the store while it lives', async () => {
    let isHeld = false;
    let isRead = (_answer: () => void) => {};
    const read = new Promise<() => void>((resolve) => {
      isRead = resolve;
    });
    await using web = await serve((request, response) => {
      const answer = () => send(PEOPLE_CSV)(request, response);
      // The creation reads the beginning before the job exists. The first request of the job waits.
      if (isHeld || rowsOfCredentials(app.dataDir) === 0) return answer();
      isHeld = true;
      isRead(answer);
    });
    await using app = await startApp({ settings: { ALLOW_PRIVATE_HOSTS: web.host } });
    await using changes = changesOf(app);
    const url = `${web.url}/d/1hush1/a.csv?token=hush`;
    await app.send({ query: 'mutation { createDatabase(input: { name: "demo" }) { database { name } } }' });
    const input = { database: 'demo', table: 'people', columns: PEOPLE, sources: [url], idempotencyKey: 'once' };
    const query =
      'mutation ($input: CreateImportInput!) { createImport(input: $input) { job { id description sources } } }';
    const created = await app.send({ query, variables: { input } });
    const { job } = (created.data as { createImport: { job: { id: string } } }).createImport;
    const shown = `${web.url}/d/redacted/a.csv?token=redacted`;
    expect(job).toMatchObject({ sources: [shown], description: `IMPORT TABLE "demo"."people" FROM CSV '${shown}'` });

    const go = await read;
    expect([filesWith(app.dataDir, 'hush'), rowsOfCredentials(app.dataDir)]).toEqual([[], 1]);
    go();
    await changes.reaches(job.id, 'SUCCEEDED');
    expect([filesWith(app.dataDir, 'hush'), rowsOfCredentials(app.dataDir)]).toEqual([[], 0]);
    expect(web.requests.every(({ url }) => url === '/d/1hush1/a.csv?token=hush')).toBe(true);
  });
});

const rowsOfCredentials = (dataDir: string): number => {
  const sql = new Sqlite(`${dataDir}/signalbox.db`, { readonly: true });
  try {
    return sql.prepare<[], number>('SELECT count(*) FROM JobCredentials').pluck().get() ?? 0;
  } finally {
    sql.close();
  }
};

describe('a creation', () => {
  const hidden = 'its host is on a private address, and not listed in ALLOW_PRIVATE_HOSTS';

  it.each([
    'http://127.0.0.1/a',
    'http://localhost/a',
    'http://[::1]/a',
    'http://[::ffff:127.0.0.1]/a',
    'http://10.0.0.1/a',
    'http://192.168.1.1/a',
    'http://169.254.169.254/latest/meta-data',
    'http://0.0.0.0/a',
    'http://2130706433/a',
    'http://[fd00::1]/a',
  ])('from %s is refused by the source that it is', async (url) => {
    const creation = openScene({ sources: ['nodelocal:///a.csv', `${url}?token=hush`] });
    const said = (await refusal(creation)) as { message: string };
    expect(said).toEqual({
      code: 'BAD_USER_INPUT',
      field: 'input.sources.1',
      message: expect.stringContaining(hidden),
    });
    expect(said.message).not.toContain('hush');
  });

  it('is refused where a redirect leads to a private address, even at its first run', async () => {
    const to = status(302, { location: 'http://10.0.0.1/a' });
    await using web = await serve(to);
    const message = `${web.url}/a.csv: ${hidden}`;
    expect(await refusal(openFrom(web))).toEqual({ code: 'BAD_USER_INPUT', field: 'input.sources.0', message });

    let answer = send(PEOPLE_CSV);
    await using later = await serve((...call) => answer(...call));
    await using scene = await openFrom(later);
    answer = to;
    await expect(execute({ kind, scene, epoch: 1 })).rejects.toThrow(hidden);
  });

  it.each([
    [404, 'BAD_USER_INPUT', 'does not exist (404)'],
    [403, 'BAD_USER_INPUT', 'may not be read (403)'],
    [500, 'UNAVAILABLE', 'cannot be read now (500)'],
    [429, 'UNAVAILABLE', 'cannot be read now (429)'],
  ])('from what answers %i is refused', async (answer, code, message) => {
    await using web = await serve(status(answer));
    expect(await refusal(openFrom(web))).toMatchObject({ code, message: `${web.url}/a.csv ${message}` });
  });

  it.each([
    ['http:///a', 'is not a URL'],
    ['http:a', 'is not a URL'],
    ['https://h:99999/a', 'is not a URL'],
    ['http://h/%', 'its host'],
    ['ftp://h/a', 'is not a storage URL'],
    ['gs://h/a', "has no keys of its own, and only admins use the server's own keys"],
    ['azure://h/a?key=hush', 'has the parameter key, which is none of AUTH, AZURE_ACCOUNT_NAME, AZURE_ACCOUNT_KEY'],
  ])('from %s is refused', async (url, message) => {
    const said = await refusal(openScene({ files: {}, sources: [url] }));
    expect(said).toMatchObject({ code: expect.any(String), message: expect.stringContaining(message) });
  });
});
