// Writes to `t` of a database in a process of its own: FILE, and the number of the writer. Each line of its input is a
// number of changes to make; it answers with how many it has made in all. Every change has a number of the writer's,
// and one of all writers together, which is taken in its transaction.
import { createInterface } from 'node:readline';
import Sqlite from 'better-sqlite3';

const [file = '', writer = '0'] = process.argv.slice(2);
const sql = new Sqlite(file, { timeout: 30_000 });
sql.pragma('synchronous = NORMAL');
const tick = sql.prepare('UPDATE ticks SET c = c + 1 RETURNING c').pluck();
const put = (verb: string) => sql.prepare(`${verb} INTO t (k, u, w, n, c) VALUES (?, ?, ?, ?, ?)`);
const [insert, replace] = [put('INSERT OR IGNORE'), put('INSERT OR REPLACE')];
const update = sql.prepare('UPDATE t SET n = ?, c = ?, w = ? WHERE k = ?');
const upsert = sql.prepare(
  'INSERT INTO t (k, u, w, n, c) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET w = excluded.w, n = excluded.n, c = excluded.c',
);
const remove = sql.prepare('DELETE FROM t WHERE k = ?');
const random = (below: number) => Math.floor(Math.random() * below);
const KEYS = 2_000;

let n = 0;
const change = () => {
  const k = random(KEYS);
  const at = () => tick.get() as number;
  const dice = random(10);
  if (dice === 0) return void remove.run(k);
  n += 1;
  if (dice < 4) replace.run(k, `u${random(KEYS)}`, writer, n, at());
  else if (dice < 6) upsert.run(k, `u${random(KEYS)}`, writer, n, at());
  else if (
    dice < 8 ? update.run(n, at(), writer, k).changes === 0 : insert.run(k, `u${k}`, writer, n, at()).changes === 0
  )
    n -= 1;
};
const transaction = sql.transaction((count: number) => {
  for (let i = 0; i < count; i++) change();
});
const write = () => {
  const before = n;
  try {
    if (random(8) > 0) transaction.immediate(1);
    else if (random(4) > 0) transaction.immediate(1 + random(30));
    else {
      sql.exec('BEGIN IMMEDIATE');
      for (let i = 0; i < 5; i++) change();
      sql.exec('ROLLBACK');
      n = before;
    }
  } catch (error) {
    if (sql.inTransaction) sql.exec('ROLLBACK');
    n = before;
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
  }
};
let wanted = 0;
for await (const changes of createInterface({ input: process.stdin })) {
  wanted += Number(changes);
  while (n < wanted) write();
  process.stdout.write(`${n}\n`);
}
sql.close();
