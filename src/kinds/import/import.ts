import { existsSync } from 'node:fs';
import { failureOf } from '../../databases/failures.ts';
import { enterEpoch } from '../../databases/fence.ts';
import { openDatabase } from '../../databases/sqlite.ts';
import { type Io, type Kind, Transient, type Work } from '../../jobs/kind.ts';
import { create } from './create.ts';
import type { Checkpoint, Details } from './details.ts';
import type { GivenInput } from './input.ts';
import { wait } from './pace.ts';
import { revert } from './revert.ts';
import { run } from './run.ts';

/** CSV from one or many sources, in order, into a new table that appears when it is complete. */
export const importKind: Kind<GivenInput, Details, Checkpoint | null> = {
  type: 'IMPORT',
  typeName: 'IMPORT',
  pausable: true,
  cancelable: true,
  create,
  enter,
  run,
  revert,
};

const LOCK_WAIT_MS = 5_000;

async function enter({ details, claim }: Work<Details, Checkpoint | null>, { places, signal }: Io): Promise<void> {
  // Without a file nothing can be written that would have to be fenced; whether that is an error, the work decides.
  if (places.databaseFile === null || !existsSync(places.databaseFile)) return;
  const target = openDatabase(places.databaseFile, details.database, { lockWaitMs: 50 });
  try {
    const until = performance.now() + LOCK_WAIT_MS;
    while (!target.tryBegin()) {
      if (performance.now() > until) throw new Transient(`database ${details.database} is locked`);
      await wait(10, signal);
    }
    enterEpoch(target.sql, claim);
    target.commit();
  } catch (error) {
    throw failureOf(error, details.database);
  } finally {
    target.close();
  }
}
