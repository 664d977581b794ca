import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createInParts, createLockFairness } from '../../../src/databases/sqlite/lock-fairness.ts';

describe('a batch in parts', () => {
  afterEach(() => void vi.restoreAllMocks());

  /** Rows that cost so many milliseconds each, told by a clock that nothing else moves. */
  const clockOf = (costOf: (row: number) => number) => {
    let [now, row] = [0, 0];
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const inParts = createInParts(100);
    return {
      batch: (ms: number, rows = Number.POSITIVE_INFINITY) => {
        const [beganAt, from] = [now, row];
        inParts(now + ms, (most) => {
          const count = Math.min(most, rows - row);
          for (let i = 0; i < count; i += 1, row += 1) now += costOf(row);
          return count;
        });
        return { took: now - beganAt, rows: row - from };
      },
    };
  };

  it('takes the time that it has', () => {
    const { batch } = clockOf(() => 0.002);
    for (let i = 0; i < 20; i += 1) batch(7);
    const { took, rows } = batch(7);
    expect(took).toBeGreaterThan(6);
    expect(took).toBeLessThan(8);
    expect(rows).toBeGreaterThan(3_000);
  });

  it('is hardly longer where rows take fifteen times as long all at once', () => {
    const { batch } = clockOf((row) => (row < 100_000 ? 0.002 : 0.03));
    const batches = Array.from({ length: 100 }, () => batch(7));
    expect(Math.max(...batches.map(({ took }) => took))).toBeLessThan(7 + 15);
    expect(batches.at(-1)?.took).toBeLessThan(8);
  });

  it('does at most twice as many as the last time', () => {
    const { batch } = clockOf(() => 0.002);
    expect([0, 1, 2, 3].map(() => batch(7).rows)).toEqual([100, 200, 400, 800]);
  });

  it('ends when there is nothing more, and does at least something', () => {
    const { batch } = clockOf(() => 0.002);
    expect(batch(7, 42).rows).toBe(42);
    expect(batch(7, 42).rows).toBe(0);
    expect(clockOf(() => 0.002).batch(-1).rows).toBeGreaterThan(0);
  });
});

describe('the turns of others', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'signalbox-turns-'));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('wait for who wrote in the last one, once, and for nobody else', async () => {
    const [one, other] = [0, 1].map(() => new Sqlite(path.join(folder, 'a.db'))) as [Sqlite.Database, Sqlite.Database];
    one.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (a)');
    const write = () => other.exec('INSERT INTO t VALUES (1)');
    const fairness = createLockFairness(one);
    const { signal } = new AbortController();
    const wait = vi.spyOn(one, 'pragma');
    /** How often it looked whether somebody had written. */
    const lookedWhile = async (act: () => void) => {
      fairness.released(7);
      act();
      wait.mockClear();
      await fairness.wait(signal);
      return wait.mock.calls.length;
    };
    // Nobody has written before: it only looks whether somebody has now.
    expect(await lookedWhile(() => undefined)).toBe(1);
    expect(await lookedWhile(write)).toBe(1);
    // Whoever wrote then, and not now, is waited for: a millisecond passes between two looks at the clock.
    let now = performance.now();
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => ++now);
    expect(await lookedWhile(() => undefined)).toBeGreaterThan(2);
    clock.mockRestore();
    // They do not come back, and so are not waited for again.
    expect(await lookedWhile(() => undefined)).toBe(1);
    expect(await lookedWhile(write)).toBe(1);
    // And the wait is over when they do: here at the fourth look, before any time has passed.
    vi.spyOn(performance, 'now').mockReturnValue(0);
    const pragma = Sqlite.prototype.pragma.bind(one);
    let looks = 0;
    wait.mockImplementation((...asked) => {
      looks += 1;
      if (looks === 4) write();
      return pragma(...asked);
    });
    fairness.released(7);
    await fairness.wait(signal);
    expect(looks).toBe(5);
    vi.restoreAllMocks();
    one.close();
    other.close();
  });

  it('are given up on a stop', async () => {
    const sql = new Sqlite(':memory:');
    const fairness = createLockFairness(sql);
    fairness.released(1_000);
    await expect(fairness.wait(AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
    sql.close();
  });
});
