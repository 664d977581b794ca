/** A process that writes rows at a steady pace, and reports its longest wait for the lock when it is ended. */
import Sqlite from 'better-sqlite3';

const [file = '', table = ''] = process.argv.slice(2);
const PAUSE_MS = 5;
const sql = new Sqlite(file, { timeout: 60_000 });
sql.pragma('synchronous = NORMAL');
const rows = sql.prepare(`SELECT max(id) FROM ${table}`).pluck().get();
const statements = [
  sql.prepare(`UPDATE ${table} SET title = title || '!' WHERE id = ?`),
  sql.prepare(`INSERT INTO ${table} (title, x) VALUES ('new title', ?)`),
  sql.prepare(`DELETE FROM ${table} WHERE id = ?`),
];
const report = { writes: 0, longestWaitMs: 0, longestMs: 0 };

const write = () => {
  const beganAt = performance.now();
  sql.exec('BEGIN IMMEDIATE');
  const lockedAt = performance.now();
  statements[report.writes % 3].run(1 + Math.floor(Math.random() * rows));
  sql.exec('COMMIT');
  report.writes += 1;
  report.longestWaitMs = Math.max(report.longestWaitMs, lockedAt - beganAt);
  report.longestMs = Math.max(report.longestMs, performance.now() - beganAt);
};

const timer = setInterval(write, PAUSE_MS);
process.on('message', () => {
  clearInterval(timer);
  process.send?.(report, () => process.disconnect());
});
process.send?.('ready');
