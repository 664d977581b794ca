/**
 * A round of a soak: several imports run at once and are paused, canceled and killed at random moments, together with
 * their server. Each ends as an import of the same files that nothing interrupts, or leaves what was there before.
 */
import { deepStrictEqual } from 'node:assert';
import type Sqlite from 'better-sqlite3';
import { isOurs, type Plan, planJob } from './plan.ts';
import { type Random, randomFrom } from './random.ts';
import type { SeenJob, SoakServer } from './server.ts';
import { createWriter, type Writer } from './writer.ts';

export interface RoundResult {
  readonly jobs: readonly { readonly title: string; readonly status: string; readonly problem: string | null }[];
  readonly kills: number;
  readonly pauses: number;
}

interface Running {
  readonly plan: Plan;
  readonly id: string;
  readonly sql: Sqlite.Database;
  readonly before: unknown;
  readonly writer: Writer | null;
  /** The fraction from which on it is canceled. */
  readonly cancelAt: number;
  isCanceled: boolean;
}

// A job fails once its worker was lost five times.
const MAX_KILLS = 4;
const ENDED = new Set(['SUCCEEDED', 'FAILED', 'CANCELED']);

/** @param seed determines the jobs and the order of what happens to them, but not the moments */
export const runRound = async (server: SoakServer, round: number, seed: number, jobs: number): Promise<RoundResult> => {
  const random = randomFrom(seed * 10_007 + round);
  const plans = Array.from({ length: jobs }, (_, i) => planJob(random, round * jobs + i));
  const running: Running[] = [];
  for (const [i, plan] of plans.entries()) running.push(await start(server, random, plan, `r${round}j${i}`));
  try {
    const { seen, kills, pauses } = await disturb(server, random, running);
    const found: { title: string; status: string; problem: string | null }[] = [];
    for (const [i, job] of running.entries()) {
      const now = seen[i] as SeenJob;
      found.push({
        title: job.plan.title,
        status: now.status,
        problem: await problemOf(server, job, now, `r${round}u${i}`),
      });
    }
    return { jobs: found, kills, pauses };
  } finally {
    for (const { sql } of running) sql.close();
  }
};

const start = async (server: SoakServer, random: Random, plan: Plan, database: string): Promise<Running> => {
  for (const [name, content] of Object.entries(plan.files)) server.write(name, content);
  const sql = await server.createDatabase(database, plan.tables);
  const before = contentOf(sql);
  const writer = plan.hasWriter ? createWriter(sql, random) : null;
  const id = await server.createImport({ ...plan.input, database });
  return { plan, id, sql, before, writer, cancelAt: random.below(80) / 100, isCanceled: false };
};

/** Until all have ended. */
const disturb = async (server: SoakServer, random: Random, running: readonly Running[]) => {
  let kills = 0;
  let pauses = 0;
  const paused = new Set<string>();
  for (let step = 0; ; step += 1) {
    const seen = await Promise.all(running.map(({ id }) => server.job(id)));
    const open = running.filter((_, i) => !ENDED.has(seen[i]?.status ?? ''));
    if (open.length === 0) return { seen, kills, pauses };
    for (const job of open) {
      for (let n = 0; n < 5 && !job.isCanceled; n += 1) job.writer?.write();
      const { fractionCompleted = 0 } = seen[running.indexOf(job)] ?? {};
      if (!job.plan.isCanceled || fractionCompleted < job.cancelAt || job.isCanceled) continue;
      job.isCanceled = true;
      paused.delete(job.id);
      await server.order('cancel', job.id);
    }
    const { id } = random.pick(open);
    const what = random.below(12);
    if (what < 4 && paused.size > 0) {
      for (const one of paused) await server.order('resume', one);
      paused.clear();
    } else if (what < 8) {
      await server.order('pause', id);
      paused.add(id);
      pauses += 1;
    } else if (what < 9 && kills < MAX_KILLS && step > 2) {
      kills += 1;
      if (random.once(2)) await server.killAndStart();
      else killOne(server.workProcesses());
    }
    await new Promise((resolve) => setTimeout(resolve, random.below(80)));
    // A job that a person canceled while it was paused is not resumed by that.
    if (step % 20 === 19) for (const one of open) await server.order('resume', one.id);
  }
};

const killOne = ([pid]: readonly number[]) => {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
};

/** What is wrong with the result of a job; null if it is right. */
const problemOf = async (server: SoakServer, job: Running, seen: SeenJob, database: string) => {
  const { plan, sql, before, writer } = job;
  try {
    if (seen.status === 'CANCELED' && plan.isCanceled) {
      if (writer === null) deepStrictEqual(contentOf(sql), before);
      else {
        deepStrictEqual(sql.prepare('SELECT id, name, v, note FROM t ORDER BY id').all(), writer.expected());
        deepStrictEqual(ours(contentOf(sql)), ours(before as Content));
      }
      return null;
    }
    if (seen.status !== 'SUCCEEDED') return `${seen.status}: ${seen.error}`;
    // It had ended before it was canceled, and the writer has changed rows.
    if (writer !== null) return null;
    const plain = await server.createDatabase(database, plan.tables);
    const id = await server.createImport({ ...plan.input, database, maxRowsPerSecond: null });
    const expected = await untilEnded(server, id);
    deepStrictEqual([seen.status, seen.error, seen.counted], [expected.status, expected.error, expected.counted]);
    deepStrictEqual(contentOf(sql), contentOf(plain));
    plain.close();
    return null;
  } catch (error) {
    return (error as Error).message.slice(0, 4_000);
  }
};

const untilEnded = async (server: SoakServer, id: string): Promise<SeenJob> => {
  for (;;) {
    const job = await server.job(id);
    if (ENDED.has(job.status)) return job;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

type Content = readonly (readonly [name: string, sql: string, rows: readonly (readonly unknown[])[]])[];

/** All that others see of a database: its tables, with the numbers of their rows. */
const contentOf = (sql: Sqlite.Database): Content => {
  const tables = sql
    .prepare(
      String.raw`SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\_signalbox%' ESCAPE '\' ORDER BY name`,
    )
    .raw()
    .all() as [string, string][];
  return tables.map(([name, text]) => {
    const columns = /without rowid/i.test(text) ? '*' : '_rowid_, *';
    return [name, text, sql.prepare(`SELECT ${columns} FROM "${name}" ORDER BY 1, 2`).raw().all() as unknown[][]];
  });
};

/** Without the rows that the other process may write to. */
const ours = (content: Content) =>
  content.map(([name, text, rows]) => {
    const isOf = (row: readonly unknown[]) => row.some((value) => typeof value === 'string' && isOursIn(value));
    return [name, text, name === 't' ? rows.filter(isOf) : rows];
  });

const isOursIn = (name: string) => {
  const number = /^(?:name |é ")(\d+)(?:"|$)/.exec(name)?.[1];
  return number !== undefined && isOurs(Number(number));
};
