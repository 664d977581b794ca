import { expect, test } from 'vitest';
import type { Access } from '../../../src/jobs/access.ts';
import { type Condition, EVERYTHING } from '../../../src/jobs/filter.ts';
import type { Job } from '../../../src/jobs/job.ts';
import { JOB_ORDER_FIELDS, type JobOrderField, type PageOf, type Position } from '../../../src/store/store.ts';
import { ADMIN, type Scene } from './scene.ts';

const positionOf: Readonly<Record<JobOrderField, (job: Job) => Position>> = {
  CREATED_AT: ({ id }) => [Number(id)],
  MODIFIED_AT: ({ id, modifiedAt }) => [modifiedAt, Number(id)],
  FINISHED_AT: ({ id, finishedAt }) => [finishedAt ?? Number.MAX_SAFE_INTEGER, Number(id)],
};

export const testReads = (scene: Scene): void => {
  /** Seven jobs of one user; some were modified, and some ended, at the same moment. */
  const seven = async () => {
    const userName = scene.name('user');
    const type = scene.name('TYPE');
    const ids: string[] = [];
    for (let n = 0; n < 7; n += 1) ids.push(await scene.create(type, { userName }));
    const session = await scene.session(type);
    const { claimed } = await scene.claim(session, [type], { running: 4 });
    for (const { claim } of [...claimed].reverse().slice(0, 3)) await scene.settle(claim, 'finished');
    const where: Condition = { is: 'equals', field: 'userName', value: userName };
    const access: Access = { sees: { userName }, controls: [], userName };
    return { ids, where, access, userName, type };
  };

  test.each(JOB_ORDER_FIELDS)(
    'pages of jobs by %s join without a gap, both ways, from any position',
    async (orderBy) => {
      const { ids, where, access } = await seven();
      const read = (page: Partial<PageOf>, viewer: Access = ADMIN, filter: Condition = where) => {
        const wanted = { direction: 'ascending', after: null, before: null, limit: 100, ...page } as const;
        return scene.store.jobs({ ...wanted, orderBy, where: filter }, viewer);
      };
      const all = (await read({})).jobs;
      expect(all.map(({ id }) => id).sort()).toEqual([...ids].sort());
      const positions = all.map(positionOf[orderBy]);
      expect(positions).toEqual([...positions].sort(([a, b = 0], [c, d = 0]) => a - c || b - d));
      expect((await read({}, access, EVERYTHING)).jobs).toEqual(all);
      for (const direction of ['ascending', 'descending'] as const) {
        const walked: Job[] = [];
        let after: Position | null = null;
        for (let more = true; more; ) {
          const page = await read({ direction, after, limit: 3 });
          walked.push(...page.jobs);
          const last = page.jobs.at(-1);
          after = last === undefined ? after : positionOf[orderBy](last);
          more = page.more;
        }
        expect(walked).toEqual(direction === 'ascending' ? all : [...all].reverse());
      }
      const [first, , third, , , sixth] = positions;
      const between = await read({ after: first ?? null, before: sixth ?? null });
      expect(between.jobs).toEqual(all.slice(1, 5));
      expect(between.more).toBe(false);
      const inclusive = await read({ after: third ?? null, inclusive: true, limit: 2 });
      expect([inclusive.jobs, inclusive.more]).toEqual([all.slice(2, 4), true]);
      expect(inclusive.head).toBe((await scene.store.log()).head);
    },
  );

  test('counts and statuses are of what a viewer sees', async () => {
    const { ids, where, access, type } = await seven();
    expect(await scene.store.countJobs(ADMIN, where)).toBe(7);
    expect(await scene.store.countJobs(access, EVERYTHING)).toBe(7);
    const count = { type: 'CUSTOM' } as const;
    expect(await scene.store.size()).toBeGreaterThan(1_000);
    expect(await scene.store.countByStatus(access, EVERYTHING)).toEqual([
      { ...count, status: 'PENDING', count: 3 },
      { ...count, status: 'RUNNING', count: 1 },
      { ...count, status: 'SUCCEEDED', count: 3 },
    ]);
    expect(await scene.store.statusesOf({ where }, 2, ADMIN)).toMatchObject([{ id: ids[0] }, { id: ids[1] }]);
    const foreign = await scene.create(type);
    expect(await scene.store.statusesOf({ ids: [foreign, ids[6] ?? ''] }, 9, access)).toEqual([
      { id: ids[6], status: 'PENDING' },
    ]);
    expect(await scene.store.job(foreign, access)).toBeNull();
    expect((await scene.store.jobsById([foreign, ids[0] ?? '', '1'], access)).map(({ id }) => id)).toEqual([ids[0]]);
  });

  test('what was written after a revision is found, once, in the order of writing', async () => {
    const { ids, access } = await seven();
    const { revision } = await scene.store.log();
    await scene.order('PAUSE', [ids[6] ?? '']);
    await scene.order('PAUSE', [ids[5] ?? '']);
    await scene.create('FOREIGN');
    const all = await scene.store.jobsChangedSince(revision, 10, access);
    expect(all.ids).toEqual([ids[6], ids[5]]);
    expect(all.revision).toBeGreaterThan(revision);
    const none = await scene.store.jobsChangedSince(all.revision, 10, access);
    expect(none).toEqual({ ids: [], revision: all.revision });
  });

  test('conditions are true as they read, and a negation is true where its part is not', async () => {
    const { where, type } = await seven();
    const text = 'The Quick\u00e9 %_ fox';
    const odd = await scene.create(type, { userName: scene.name('user'), description: text, database: 'db' });
    const count = (condition: Condition) =>
      scene.store.countJobs(ADMIN, {
        is: 'all',
        of: [condition, { is: 'equals', field: 'typeName', value: type }],
      });
    expect(await count(where)).toBe(7);
    expect(await count({ is: 'not', of: where })).toBe(1);
    expect(await count({ is: 'contains', field: 'description', value: 'qUICK' })).toBe(1);
    expect(await count({ is: 'contains', field: 'description', value: '%_' })).toBe(1);
    expect(await count({ is: 'startsWith', field: 'description', value: 'the q' })).toBe(1);
    expect(await count({ is: 'startsWith', field: 'description', value: 'quick' })).toBe(0);
    expect(await count({ is: 'equals', field: 'database', value: 'db' })).toBe(1);
    expect(await count({ is: 'not', of: { is: 'equals', field: 'database', value: 'db' } })).toBe(7);
    expect(await count({ is: 'isNull', field: 'startedAt', value: true })).toBe(4);
    expect(await count({ is: 'in', field: 'status', value: ['RUNNING', 'SUCCEEDED'] })).toBe(4);
    expect(await count({ is: 'in', field: 'id', value: [odd, '1'] })).toBe(1);
    expect(await count({ is: 'gt', field: 'id', value: odd })).toBe(0);
    expect(await count({ is: 'lte', field: 'id', value: odd })).toBe(8);
    for (const [pattern, likes, ilikes] of [
      ['The%fox', 1, 1],
      ['the%FOX', 0, 1],
      ['The Quick_ \\%\\_ ___', 1, 1],
      ['The Quick_ \\%\\_ __', 0, 0],
      ['%[T]%', 0, 0],
      ['%*%', 0, 0],
      ['%k\u00e9%', 1, 1],
    ] as const) {
      expect([pattern, await count({ is: 'like', field: 'description', value: pattern })]).toEqual([pattern, likes]);
      expect([pattern, await count({ is: 'ilike', field: 'description', value: pattern })]).toEqual([pattern, ilikes]);
    }
    expect(await count({ is: 'any', of: [] })).toBe(0);
    expect(await count({ is: 'gt', field: 'createdAt', value: scene.now - 1 })).toBe(1);
    expect(await count({ is: 'lte', field: 'createdAt', value: scene.now - 1 })).toBe(7);
  });

  test('pages of events join without a gap, both ways, and are of what a viewer sees', async () => {
    const { access, ids } = await seven();
    const read = (page: Partial<PageOf>) =>
      scene.store.events({ direction: 'ascending', after: null, before: null, limit: 100, ...page }, access);
    const { events: all } = await read({});
    expect(all).toHaveLength(14);
    expect(new Set(all.map(({ jobId }) => jobId))).toEqual(new Set(ids));
    const cursors = all.map(({ cursor }) => cursor);
    expect(cursors).toEqual([...cursors].sort((a, b) => a - b));
    const at = (position: number): Position => [cursors[position] ?? 0];
    expect((await read({ after: at(4), limit: 3 })).events).toEqual(all.slice(5, 8));
    expect((await read({ after: at(4), limit: 3, direction: 'descending' })).events).toEqual(all.slice(1, 4).reverse());
    expect(await read({ after: at(13) })).toEqual({ events: [], more: false });
    const page = { direction: 'ascending', after: null, before: null, limit: 100 } as const;
    const ended: Condition = { is: 'equals', field: 'to', value: 'SUCCEEDED' };
    expect((await scene.store.events(page, access, { where: ended })).events).toEqual(
      all.filter(({ to }) => to === 'SUCCEEDED'),
    );
  });
};
