import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startApp } from '../support/app.ts';

const MODULE = new URL('../support/unruly-kinds.mjs', import.meta.url).href;
const PREVIEW = { input: { sources: ['nodelocal:///people.csv'] } };

test('the reads of a user are answered while another has more reads that never end than there are processes', async () => {
  const kinds = [{ url: MODULE, exportName: 'unasked' }];
  await using app = await startApp({ kinds, settings: { MAX_PROCESSES: '2' } });
  await app.send({ query: 'mutation { createDatabase(input: { name: "demo" }) { database { name } } }' });
  await app.send({
    query: 'mutation { createUser(input: { name: "ada", privileges: [CREATEJOB] }) { user { name } } }',
  });
  writeFileSync(`${app.dataDir}/files/people.csv`, 'id,name\n1,Ada\n');
  const answered: string[] = [];
  const answers = Array.from({ length: 12 }, () =>
    app.create('UNASKED', {}, 'ada').catch(() => void answered.push('ada')),
  );
  const read = async (query: string, variables: object = {}) => {
    const { data, errors } = await app.send({ query, variables });
    expect(errors).toBeUndefined();
    answered.push('root');
    return Object.values(data as object)[0];
  };
  const preview = 'query ($input: ImportPreviewInput!) { importPreview(input: $input) { format } }';
  expect(await read(preview, PREVIEW)).toEqual({ format: 'CSV' });
  expect(await read('{ files(prefix: "people") { nodes { path } } }')).toEqual({ nodes: [{ path: 'people.csv' }] });
  expect(await read('{ databases { tables { name } error } }')).toEqual([{ tables: [], error: null }]);
  // Those of ada that have their turn are still busy, and the others wait for theirs.
  expect(answered).toEqual(['root', 'root', 'root']);
  await Promise.race(answers);
  expect(answered).toEqual(['root', 'root', 'root', 'ada']);
});
