import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { schemaWith } from '../../src/app/schema.ts';
import { defineKind } from '../../src/jobs/define.ts';
import type { Kind } from '../../src/jobs/kind.ts';
import { changesOf, startApp, type TestApp } from '../support/app.ts';
import { order } from '../support/control.ts';

/** A kind whose jobs count up to a number; each number waits until the test lets it pass. */
const counting = (more: { version?: number; migrate?: (checkpoint: unknown, from: number) => { n: number } } = {}) => {
  const waiting: (() => void)[] = [];
  const log: string[] = [];
  const kind = defineKind({
    name: 'COUNT_UP',
    description: 'Counts up to a number.',
    input: z.object({
      to: z.int().min(1).max(1000).describe('The last number.'),
      style: z.enum(['LOUD', 'QUIET']).default('QUIET').describe('How.'),
      label: z.string().nullish(),
      options: z.object({ factor: z.number().default(1), tags: z.array(z.string()) }).optional(),
      key: z.string().meta({ secret: true }).optional(),
      group: z.string().optional(),
    }),
    checkpoint: z.object({ n: z.int() }),
    describe: ({ to, style }) => `COUNT TO ${to} ${style}`,
    exclusive: ({ group, to }) => group ?? String(to),
    ...more,
    async *run({ input, checkpoint, epoch }, { signal, attempt }) {
      log.push(`run from ${checkpoint?.n ?? 0} key ${input.key ?? 'none'} attempt ${attempt} epoch ${epoch > 0}`);
      for (let n = (checkpoint?.n ?? 0) + 1; n <= input.to; n += 1) {
        await new Promise<void>((pass, stop) => {
          waiting.push(pass);
          signal.addEventListener('abort', () => stop(signal.reason), { once: true });
        });
        yield { checkpoint: { n }, fractionCompleted: n / input.to, counters: { numbers: n } };
      }
      return { sum: (input.to * (input.to + 1)) / 2 };
    },
    async revert({ checkpoint }) {
      log.push(`revert from ${checkpoint?.n ?? 0}`);
    },
  });
  return {
    kind,
    log,
    pass: () => waiting.shift()?.(),
    waits: () => expect.poll(() => waiting.length).toBeGreaterThan(0),
  };
};

const open = async (kinds: readonly Kind[], dataDir?: string) => {
  const app = await startApp({ kinds, ...(dataDir === undefined ? {} : { dataDir }) });
  const changes = changesOf(app);
  return Object.assign(app, {
    changes,
    [Symbol.asyncDispose]: async () => {
      await changes[Symbol.asyncDispose]();
      await (dataDir === undefined ? app.stop() : app.stop());
    },
  });
};

interface Count {
  id: string;
  created: boolean;
}
const createCountUp = async (app: TestApp, input: string): Promise<Count> => {
  const query = `mutation { createCountUp(input: ${input}) { created job { id __typename } } }`;
  const { data, errors } = await app.send({ query });
  expect(errors).toBeUndefined();
  const { job, created } = (data as { createCountUp: { job: { id: string }; created: boolean } }).createCountUp;
  return { id: job.id, created };
};
const refusal = async (app: TestApp, query: string) => {
  const { errors } = await app.send({ query });
  const [error] = errors ?? [];
  return { message: error?.message, field: error?.extensions.field, code: error?.extensions.code };
};
const jobOf = async (app: TestApp, id: string, fields: string) => {
  const { data, errors } = await app.send({ query: `{ job(id: "${id}") { ${fields} } }` });
  expect(errors).toBeUndefined();
  return (data as { job: unknown }).job;
};

describe('a kind that was defined', () => {
  test('has a mutation and a type; its job is paused, resumed at its checkpoint, and returns a result', async () => {
    const { kind, log, pass, waits } = counting();
    await using app = await open([kind]);
    const { id } = await createCountUp(app, '{ to: 3, options: { tags: ["a"] }, key: "hush" }');
    await waits();
    pass();
    await waits();
    await order(app, 'PAUSE', [id]);
    await app.changes.reaches(id, 'PAUSED');
    expect(await jobOf(app, id, '... on CountUpJob { result } fractionCompleted')).toEqual({
      result: null,
      fractionCompleted: 1 / 3,
    });
    pass();
    await order(app, 'RESUME', [id]);
    await waits();
    pass();
    await waits();
    pass();
    await app.changes.reaches(id, 'SUCCEEDED');
    const fields =
      '__typename type typeName description inputJson counters { name value } ... on CountUpJob { result ' +
      'input { to style label options { factor tags } key } }';
    expect(await jobOf(app, id, fields)).toEqual({
      __typename: 'CountUpJob',
      type: 'CUSTOM',
      typeName: 'COUNT_UP',
      description: 'COUNT TO 3 QUIET',
      inputJson: { to: 3, style: 'QUIET', options: { tags: ['a'], factor: 1 }, key: 'redacted' },
      counters: [{ name: 'numbers', value: 3 }],
      result: { sum: 6 },
      input: { to: 3, style: 'QUIET', label: null, options: { factor: 1, tags: ['a'] }, key: 'redacted' },
    });
    expect(log).toEqual(['run from 0 key hush attempt 1 epoch true', 'run from 1 key hush attempt 1 epoch true']);
  });

  test('is reverted from its checkpoint when its job is canceled', async () => {
    const { kind, log, pass, waits } = counting();
    await using app = await open([kind]);
    const { id } = await createCountUp(app, '{ to: 2 }');
    await waits();
    pass();
    await waits();
    await order(app, 'CANCEL', [id]);
    await app.changes.reaches(id, 'CANCELED');
    expect(log.at(-1)).toBe('revert from 1');
    expect(await jobOf(app, id, '... on CountUpJob { result }')).toEqual({ result: null });
  });

  test('is listed with the JSON Schema of its input, and createJob makes its jobs at a time and with a priority', async () => {
    const { kind } = counting();
    await using app = await open([kind]);
    const { data } = await app.send({
      query: '{ jobKinds { name type description pausable cancelable inputSchema } }',
    });
    const { jobKinds } = data as { jobKinds: { name: string; inputSchema: Record<string, unknown> }[] };
    expect(jobKinds.map(({ name }) => name)).toEqual([
      'IMPORT',
      'BACKUP',
      'RESTORE',
      'CHANGEFEED',
      'SCHEMA_CHANGE',
      'COUNT_UP',
    ]);
    expect(jobKinds.at(-1)).toMatchObject({ description: 'Counts up to a number.', pausable: true, cancelable: true });
    expect(jobKinds.at(-1)?.inputSchema).toMatchObject({ type: 'object', required: ['to'] });
    const query = (more: string) =>
      `mutation { createJob(input: { typeName: "COUNT_UP", input: { to: 1 }, ${more} }) { created job { id statusMessage } } }`;
    const made = await app.send({ query: query('runAt: "2099-01-01T00:00:00Z", priority: 7, idempotencyKey: "k"') });
    const { job } = (made.data as { createJob: { job: { id: string } } }).createJob;
    expect(made.data).toMatchObject({
      createJob: { created: true, job: { statusMessage: 'waiting for a worker, not before 2099-01-01T00:00:00.000Z' } },
    });
    expect((await app.send({ query: query('idempotencyKey: "k"') })).data).toMatchObject({
      createJob: { created: false, job: { id: job.id } },
    });
  });

  test('refuses input that its schema refuses, by the name of the field, and creates nothing', async () => {
    const { kind } = counting();
    await using app = await open([kind]);
    const byJson = (input: string) =>
      refusal(app, `mutation { createJob(input: { typeName: "COUNT_UP", input: ${input} }) { created } }`);
    expect(await byJson('{ to: 0 }')).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.to' });
    expect(await byJson('{}')).toEqual({ code: 'BAD_USER_INPUT', field: 'input.to', message: 'input.to is missing' });
    expect(await byJson('[1]')).toMatchObject({ field: 'input.input', message: 'input.input [1] must be an object' });
    expect(await byJson('{ to: 1, style: "SOFT" }')).toMatchObject({ field: 'input.style' });
    expect(await refusal(app, 'mutation { createCountUp(input: { to: 2000 }) { created } }')).toMatchObject({
      code: 'BAD_USER_INPUT',
      field: 'input.to',
    });
    expect(
      await refusal(app, 'mutation { createJob(input: { typeName: "NOPE", input: {} }) { created } }'),
    ).toMatchObject({ field: 'input.typeName', message: expect.stringContaining('"NOPE" is no kind of this server') });
    expect(await refusal(app, 'mutation { createCountUp(input: { to: 1, priority: 101 }) { created } }')).toMatchObject(
      { field: 'input.priority' },
    );
    expect((await app.send({ query: '{ jobs { totalCount } }' })).data).toEqual({ jobs: { totalCount: 0 } });
  });

  test('runs jobs with the same exclusive key one after the other', async () => {
    const { kind, pass, waits } = counting();
    await using app = await open([kind]);
    const first = await createCountUp(app, '{ to: 1, group: "g" }');
    await waits();
    const second = await createCountUp(app, '{ to: 2, group: "g" }');
    expect(await jobOf(app, second.id, 'status blockedBy { id }')).toEqual({
      status: 'PENDING',
      blockedBy: [{ id: first.id }],
    });
    pass();
    await app.changes.reaches(first.id, 'SUCCEEDED');
    await app.changes.reaches(second.id, 'RUNNING');
  });

  test('carries a checkpoint of an older version over, and pauses a job whose checkpoint it cannot read', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-'));
    const first = counting();
    let id: string;
    {
      await using app = await open([first.kind], dataDir);
      ({ id } = await createCountUp(app, '{ to: 3 }'));
      await first.waits();
      first.pass();
      await first.waits();
      await order(app, 'PAUSE', [id]);
      await app.changes.reaches(id, 'PAUSED');
    }
    {
      await using app = await open([counting({ version: 2 }).kind], dataDir);
      await order(app, 'RESUME', [id]);
      await app.changes.reaches(id, 'PAUSED');
      expect(await jobOf(app, id, 'pauseReason attempts')).toEqual({
        pauseReason: 'the checkpoint is of version 1 of COUNT_UP, which cannot be migrated to 2',
        attempts: 0,
      });
    }
    const migrated: unknown[] = [];
    const third = counting({
      version: 3,
      migrate: (checkpoint, from) => {
        migrated.push([checkpoint, from]);
        return { n: 2 };
      },
    });
    {
      await using app = await open([third.kind], dataDir);
      await order(app, 'RESUME', [id]);
      await third.waits();
      third.pass();
      await app.changes.reaches(id, 'SUCCEEDED');
    }
    expect(migrated).toEqual([[{ n: 1 }, 1]]);
    expect(third.log).toEqual(['run from 2 key none attempt 1 epoch true']);
    rmSync(dataDir, { recursive: true, force: true });
  });
});

const once = (name: string, value: () => unknown, result?: unknown) =>
  defineKind({
    name,
    input: z.object({}),
    async *run() {
      yield { checkpoint: value() as never };
      return result as never;
    },
  });

describe('what JSON cannot hold', () => {
  test.each([
    ['a date', () => ({ at: new Date(0) }), 'the checkpoint of ODD.at cannot be kept: JSON has no Date'],
    ['a bigint', () => [1n], 'the checkpoint of ODD.0 cannot be kept: JSON has no bigint'],
    ['NaN', () => ({ a: { b: Number.NaN } }), 'the checkpoint of ODD.a.b cannot be kept: JSON has no NaN'],
    ['nothing', () => undefined, 'the checkpoint of ODD cannot be kept: JSON has no undefined'],
    ['2 MB', () => 'x'.repeat(2_000_000), 'the checkpoint of ODD has 2000002 bytes: at most 1048576 are allowed'],
  ])('as a checkpoint, %s, fails the job and names it', async (_, value, message) => {
    await using app = await open([once('ODD', value)]);
    const { id } = await app.create('ODD', {}, 'root');
    await app.changes.reaches(id, 'FAILED');
    expect(await jobOf(app, id, 'error')).toEqual({ error: message });
  });

  test('as a result is a warning, because the work is done', async () => {
    await using app = await open([once('BIG', () => 1, 'x'.repeat(70_000)), once('ODD', () => 1, { n: 1n })]);
    for (const [name, warning] of [
      ['BIG', 'the result is not kept: it has 70002 bytes, and at most 65536 are kept'],
      ['ODD', 'the result is not kept: it cannot be converted to JSON: Do not know how to serialize a BigInt'],
    ] as const) {
      const { id } = await app.create(name, {}, 'root');
      await app.changes.reaches(id, 'SUCCEEDED');
      expect(await jobOf(app, id, 'warnings')).toEqual({ warnings: [warning] });
    }
  });
});

describe('a definition', () => {
  test('needs a name in upper case and a whole version', () => {
    expect(() => once('reindex', () => 1)).toThrow('the name of a kind must be upper-case letters');
    expect(() => counting({ version: 0.5 })).toThrow('version of kind COUNT_UP must be a whole number from 1: 0.5');
  });

  test('with a secret inside a field, which would be shown, is refused', () => {
    const input = z.object({ server: z.object({ password: z.string().meta({ secret: true }) }) });
    const define = () => defineKind({ name: 'SYNC', input, async *run() {} });
    expect(define).toThrow('the input of kind SYNC has a secret inside a field');
  });

  test('whose name is taken is refused at the start', async () => {
    await expect(startApp({ kinds: [once('IMPORT', () => 1)] })).rejects.toThrow('two kinds are named IMPORT');
    expect(() => schemaWith([once('USER', () => 1)])).toThrow(
      'kind USER cannot be added: the API already has the mutation createUser. Give the kind another name',
    );
  });
});

test('a kind in a module runs in a process, and undoes its work when it is canceled', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-kinds-'));
  writeFileSync(join(folder, 'a'), 'one');
  writeFileSync(join(folder, 'b'), 'two');
  const list = join(folder, '..', `${folder.split('/').at(-1)}.sums`);
  const url = new URL('../../examples/kinds/hash-files.mjs', import.meta.url).href;
  await using app = await open([{ url, exportName: 'hashFiles' } as never]);
  const query = `mutation { createHashFiles(input: { folder: "${folder}", list: "${list}" }) { job { id } } }`;
  const { data } = await app.send({ query });
  const { id } = (data as { createHashFiles: { job: { id: string } } }).createHashFiles.job;
  await app.changes.reaches(id, 'SUCCEEDED');
  expect(await jobOf(app, id, '... on HashFilesJob { result }')).toEqual({ result: { files: 2 } });
  expect(readFileSync(list, 'utf8').split('\n')[0]).toMatch(/^7692c3ad3540bb80[0-9a-f]+ {2}a$/);
  rmSync(folder, { recursive: true });
  rmSync(list);
});
