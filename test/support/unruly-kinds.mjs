// Kinds that do what no kind should, as modules that a work process loads.
import Database from 'better-sqlite3';

const kind = (typeName, run, more = {}) => ({
  type: 'CUSTOM',
  typeName,
  pausable: true,
  cancelable: true,
  create: async (input) => ({ details: input, description: typeName, database: input.database ?? null }),
  run,
  revert: async function* () {},
  ...more,
});

const forever = () => {
  for (;;);
};

/** Takes one step, then never ends in JavaScript. */
export const loop = kind('LOOP', async function* () {
  yield { checkpoint: 1, fractionCompleted: 0.1, message: 'looping' };
  await new Promise(setImmediate);
  forever();
});

/** The same, next to other continuous jobs. */
export const loopFeed = { ...loop, typeName: 'LOOP_FEED', continuous: true };

/** Holds the lock of its database in a statement that never ends. */
export const endless = kind('ENDLESS', async function* (_, { environment }) {
  const database = new Database(environment.database.file);
  database.exec('BEGIN IMMEDIATE');
  yield { checkpoint: 1, fractionCompleted: 0.1, message: 'selecting' };
  database.exec('CREATE TABLE never (x)');
  database.prepare('WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c').get();
});

/** Keeps all that it makes. */
export const hungry = kind('HUNGRY', async function* () {
  const kept = [];
  for (;;) {
    kept.push(Array.from({ length: 100_000 }, (_, i) => ({ i, n: kept.length })));
    yield { checkpoint: kept.length };
  }
});

/** Takes its steps, one a turn, until it is stopped. */
export const patient = kind('PATIENT', async function* (_, { signal }) {
  for (let step = 1; ; step += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    signal.throwIfAborted();
    yield { checkpoint: step, counters: { pid: process.pid } };
  }
});
export const patientFeed = { ...patient, typeName: 'PATIENT_FEED', continuous: true };

/** Its creation never ends. */
export const unasked = kind('UNASKED', async function* () {}, { create: async () => forever() });
