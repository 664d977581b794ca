// Somebody who writes without a pause, in a process of their own and without Signalbox: whatever they do to the database
// that is given first they do to the second one too, where nobody else is. Ends when its input does, and then says how
// many transactions it made, the longest that one took, and the longest that it waited for the lock, in milliseconds.
import Database from 'better-sqlite3';

const [file, twin, seed, table, keys = '3000'] = process.argv.slice(2);
const [one, other] = [file, twin].map((name) => {
  const db = new Database(name, { timeout: 10_000 });
  db.pragma('synchronous = NORMAL');
  return db;
});

let state = Number(seed);
const random = (below) => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return (state >>> 8) % below;
};

const KEYS = Number(keys);
const OPERATIONS = {
  goods: (id) => [
    `INSERT INTO goods (name, price) VALUES ('new ${random(KEYS)}', ${random(100)})`,
    `INSERT OR IGNORE INTO goods (id, name, price) VALUES (${id}, 'n${random(KEYS)}', ${random(100)})`,
    `INSERT OR REPLACE INTO goods (id, name, price) VALUES (${id}, 'n${random(KEYS)}', ${random(100)})`,
    `REPLACE INTO goods (name, price) VALUES ('N${random(KEYS)}', ${random(100)})`,
    `UPDATE OR REPLACE goods SET name = 'n${random(KEYS)}' WHERE id = ${id}`,
    `UPDATE OR IGNORE goods SET id = ${KEYS + random(KEYS)} WHERE id = ${id}`,
    `UPDATE OR REPLACE goods SET id = id + 1 WHERE id = ${id}`,
    `UPDATE OR IGNORE goods SET price = price + 1 WHERE id BETWEEN ${id} AND ${id + random(20)}`,
    `DELETE FROM goods WHERE id = ${id}`,
    `INSERT INTO goods (name, price) VALUES ('n${random(KEYS)}', 7) ON CONFLICT DO UPDATE SET price = price + 5`,
    // Two rows trade what is unique.
    `UPDATE OR IGNORE goods SET name = 'trading' WHERE id = ${id};
     UPDATE OR IGNORE goods SET name = 'n${id}' WHERE id = ${id + 1};
     UPDATE OR IGNORE goods SET name = 'n${id + 1}' WHERE name = 'trading'`,
    // What a REPLACE has pushed out is gone, and so is what has pushed it out.
    `REPLACE INTO goods (id, name, price) SELECT ${id + 7 * KEYS}, name, 1 FROM goods WHERE id = ${id};
     DELETE FROM goods WHERE id = ${id + 7 * KEYS}`,
  ],
  links: (id) => [
    `INSERT OR IGNORE INTO links (a, b, weight) VALUES ('K${id % 50}', ${random(100)}, ${random(KEYS)})`,
    `INSERT OR REPLACE INTO links (a, b, weight) VALUES ('k${id % 50}', ${random(100)}, ${random(KEYS)})`,
    `UPDATE OR REPLACE links SET weight = ${random(KEYS)} WHERE a = 'k${id % 50}' AND b = ${random(100)}`,
    `UPDATE OR REPLACE links SET a = 'K${random(50)}' WHERE a = 'k${id % 50}' AND b = ${random(100)}`,
    `DELETE FROM links WHERE a = 'k${id % 50}' AND b = ${random(100)}`,
    `REPLACE INTO links (a, b, weight) SELECT 'away', b, weight FROM links WHERE a = 'k${id % 50}' AND b = ${random(100)};
     DELETE FROM links WHERE a = 'away'`,
  ],
}[table];
const operation = (id) => {
  const all = OPERATIONS(id);
  return all[random(all.length)];
};

const run = (db, statements) => {
  try {
    db.exec(statements);
    return null;
  } catch (error) {
    return error.code;
  }
};

let [made, longest, waited, isOver] = [0, 0, 0, false];
process.stdin.on('end', () => {
  isOver = true;
});
process.stdin.resume();
process.stdout.write('ready\n');

const writeOnce = () => {
  const id = 1 + random(KEYS);
  const statements = Array.from({ length: 1 + random(4) }, () => operation(id));
  const beganAt = performance.now();
  one.exec('BEGIN IMMEDIATE');
  waited = Math.max(waited, performance.now() - beganAt);
  const first = statements.map((statement) => run(one, statement));
  one.exec('COMMIT');
  longest = Math.max(longest, performance.now() - beganAt);
  other.exec('BEGIN');
  const second = statements.map((statement) => run(other, statement));
  other.exec('COMMIT');
  if (String(first) !== String(second)) throw new Error(`${statements}: ${first} here, ${second} there`);
  made += 1;
};

const go = () => {
  if (!isOver) {
    writeOnce();
    setImmediate(go);
    return;
  }
  process.stdout.write(`${JSON.stringify({ made, longest, waited })}\n`);
  one.close();
  other.close();
};
go();
