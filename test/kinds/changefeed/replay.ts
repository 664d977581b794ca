/**
 * Runs a feed next to another process that changes the watched table in every way, and compares what a receiver has
 * after all messages with the table. The statements depend on the seed only; what the feed sees in between does not.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import type Sqlite from 'better-sqlite3';
import { jsonOf } from '../../../src/kinds/changefeed/sqlite/entries.ts';
import type { SqlValue } from '../../../src/kinds/changefeed/sqlite/exact.ts';
import { JOB_ID } from '../contract.ts';
import { createStatements, type Random, randomOf, type Shape } from './replay-statements.ts';
import { createFeed, openPlace, startFeed } from './scene.ts';

interface ReplayOptions {
  readonly seed: number;
  /** The number of statements, those within a transaction not counted. */
  readonly steps: number;
  /** The feed has to catch up after at most this many. */
  readonly most: number;
  /** How long it may take, in milliseconds. */
  readonly patienceMs?: number;
}

/** Returns the number of comparisons. @throws Error with the seed, and the statements since the last comparison */
export const replay = async ({ seed, steps, most, patienceMs = 60_000 }: ReplayOptions): Promise<number> => {
  const random = randomOf(seed);
  let compared = 0;
  for (let done = 0; done < steps; ) {
    const round = Math.min(steps - done, 20 * most);
    compared += await replayTable(random, `seed ${seed}, step ${done}`, round, most, patienceMs);
    done += round;
  }
  return compared;
};

const OWN = `_signalbox_feed_${JOB_ID}`;
/** What somebody may do to the feed while it is paused. Without its log, writes fail until it runs again. */
const DAMAGES = [
  `DROP TRIGGER IF EXISTS ${OWN}_0_ai;`,
  `DROP TRIGGER IF EXISTS ${OWN}_0_bu;`,
  `DROP TABLE IF EXISTS ${OWN};`,
  `DROP TABLE IF EXISTS ${OWN}_notes;`,
  `DROP TABLE IF EXISTS ${OWN}_keys;`,
  `DROP TABLE IF EXISTS ${OWN}_indexes;`,
  `DROP VIEW IF EXISTS ${OWN}_0_new;`,
  `DELETE FROM ${OWN}_notes;`,
];

/** The feed has mended the damage, as far as it makes writes fail. */
const isWhole = (sql: Sqlite.Database): boolean => {
  const triggers = sql.prepare(`SELECT count(*) FROM sqlite_schema WHERE name GLOB '${OWN}_0_[ab][iud]'`).pluck().get();
  const tables = sql.prepare(`SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name GLOB '${OWN}*'`).pluck();
  const needsView = sql.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND instr(sql, '${OWN}_0_new')`);
  const hasView = sql.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'view' AND name = '${OWN}_0_new'`);
  const isComplete = needsView.get() === undefined || hasView.get() !== undefined;
  return Number(triggers) >= 5 && tables.get() === 7 && isComplete;
};

const replayTable = async (random: Random, where: string, steps: number, most: number, patienceMs: number) => {
  await using receiver = await startReceiver();
  const statements = createStatements(random);
  const shape: Shape = { columns: [], indexes: 0 };
  const created = statements.makeTable(shape, 't');
  await using place = openPlace(created, { allowPrivateHosts: [receiver.host] });
  place.sql.pragma('synchronous = OFF');
  const feed = await createFeed(place, {
    sink: receiver.url,
    onTableReplaced: 'RESCAN',
    diff: random(2) === 0,
    operations: random(3) === 0,
    backfill: true,
  });
  await using writer = startWriter(place.file, random);
  let running: ReturnType<typeof startFeed> | null = null;
  let epoch = 0;
  let checkpoint: unknown = null;
  let compared = 0;
  const stop = async () => {
    checkpoint = running?.steps.at(-1)?.checkpoint ?? checkpoint;
    const end = await running?.stop();
    running = null;
    if (end instanceof Error) throw end;
  };
  for (let done = 0; done < steps; ) {
    const count = Math.min(steps - done, 1 + random(most));
    const batch = Array.from({ length: count }, () => statements.next(shape));
    const fail = (what: string) => new Error([`${where} + ${done}: ${what}`, created, ...batch].join('\n'));
    try {
      if (random(3) === 0) await stop();
      const isDamaged = running === null && epoch > 0 && random(4) === 0;
      if (isDamaged) await writer.run([DAMAGES[random(DAMAGES.length)] ?? '']);
      const written = writer.run(batch);
      if (random(2) === 0) await written;
      if (running === null) {
        epoch += 1;
        running = startFeed(place, feed, epoch, checkpoint);
      }
      await written;
      const isExpected = (line: string) => isDamaged && /no such table: (main\.)?_signalbox/.test(line);
      const ours = writer.ours.splice(0).filter((line) => !isExpected(line));
      if (ours.length > 0) throw new Error(ours.join('\n'));
      const isThere = () => isEqual(place.sql, receiver.rows) && (!isDamaged || isWhole(place.sql));
      await receiver.until(isThere, running.ended, patienceMs);
      compared += 1;
    } catch (error) {
      await running?.stop();
      throw fail(`${(error as Error).stack}\n${differenceOf(place.sql, receiver.rows)}`);
    }
    done += count;
    shape.columns = place
      .all("SELECT name FROM pragma_table_xinfo('t')")
      .flat()
      .map(String)
      .filter((name) => /^[a-e]$/.test(name));
  }
  await stop();
  return compared;
};

/** The rows of the table, as messages describe them. */
const rowsOf = (sql: Sqlite.Database): ReadonlyMap<string, string> => {
  const columns = sql.prepare("SELECT name, pk FROM pragma_table_xinfo('t')").all() as { name: string; pk: number }[];
  const key = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
  const rows = sql.prepare('SELECT * FROM t').safeIntegers().all() as Record<string, SqlValue>[];
  const inMessage = (row: Record<string, SqlValue>, name: string) => jsonOf(row[name] ?? null);
  return new Map(
    rows.map((row) => [
      JSON.stringify(key.map(({ name }) => inMessage(row, name))),
      textOf(Object.fromEntries(columns.map(({ name }) => [name, inMessage(row, name)]))),
    ]),
  );
};

const textOf = (row: object): string => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));

const isEqual = (sql: Sqlite.Database, received: ReadonlyMap<string, string>): boolean => {
  const rows = rowsOf(sql);
  return rows.size === received.size && [...rows].every(([key, row]) => received.get(key) === row);
};

const differenceOf = (sql: Sqlite.Database, received: ReadonlyMap<string, string>): string => {
  const rows = rowsOf(sql);
  return [...new Set([...rows.keys(), ...received.keys()])]
    .filter((key) => rows.get(key) !== received.get(key))
    .map((key) => `${key}: the table has ${rows.get(key)}, the receiver ${received.get(key)}`)
    .join('\n');
};

/** A webhook that keeps the newest row of each key. */
const startReceiver = async () => {
  const rows = new Map<string, string>();
  let seen = () => {};
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { payload } = JSON.parse(Buffer.concat(parts).toString('utf8')) as {
      payload: readonly { readonly key?: unknown; readonly after: object | null }[];
    };
    for (const { key, after } of payload) {
      if (key === undefined) continue;
      if (after === null) rows.delete(JSON.stringify(key));
      else rows.set(JSON.stringify(key), textOf(after));
    }
    response.end();
    seen();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: `webhook-http://${host}/`,
    rows,
    /** Checks the condition after each request, and now and then. */
    until: async (isSo: () => boolean, ended: Promise<unknown>, patienceMs: number) => {
      let problem: unknown;
      const again = setInterval(() => seen(), 20);
      const patience = setTimeout(() => {
        problem = new Error('the receiver does not have what the table has');
        seen();
      }, patienceMs);
      void ended.then((end) => {
        problem = end instanceof Error ? end : new Error(`the feed has ended: ${end}`);
        seen();
      });
      try {
        while (!isSo()) {
          if (problem !== undefined) throw problem;
          await new Promise<void>((resolve) => {
            seen = resolve;
          });
        }
      } finally {
        clearInterval(again);
        clearTimeout(patience);
      }
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
};

/** The shell of SQLite, which keeps one connection open. */
const startWriter = (file: string, random: Random) => {
  // Errors come in order with the marks.
  const child = spawn('sh', ['-c', 'exec sqlite3 "$0" 2>&1', file], { stdio: ['pipe', 'pipe', 'inherit'] });
  /** Errors that name what the feed keeps in the database: there must be none. */
  const ours: string[] = [];
  const lines = createInterface(child.stdout);
  lines.on('line', (line) => {
    if (/signalbox/i.test(line)) ours.push(line);
  });
  const quoted = random(2) === 0 ? 'off' : 'on';
  const onOff = () => (random(2) === 0 ? 'OFF' : 'ON');
  child.stdin.write(
    `.timeout 60000\n.dbconfig dqs_dml ${quoted}\n.dbconfig dqs_ddl ${quoted}\nPRAGMA synchronous = OFF;\n` +
      `PRAGMA recursive_triggers = ${onOff()};\nPRAGMA legacy_alter_table = ${onOff()};\n`,
  );
  let runs = 0;
  return {
    ours,
    /** Ends when all statements have been executed. */
    run: (statements: readonly string[]): Promise<void> => {
      runs += 1;
      const mark = `run ${runs} is done`;
      const isDone = new Promise<void>((resolve) => {
        const listen = (line: string) => {
          if (line !== mark) return;
          lines.off('line', listen);
          resolve();
        };
        lines.on('line', listen);
      });
      // A connection that read the catalogue while something was missing there keeps that until it reads anything.
      child.stdin.write(`SELECT 1 FROM sqlite_schema WHERE 0;\n${statements.join('\n')}\nROLLBACK;\n.print ${mark}\n`);
      return isDone;
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(child, 'close');
      child.stdin.end('.quit\n');
      await closed;
      for (const end of ['-wal', '-shm']) rmSync(file + end, { force: true });
    },
  };
};
