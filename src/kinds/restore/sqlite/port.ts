/** RESTORE into SQLite files. */
import { enterTarget, openForRevert } from '../../../databases/sqlite/acquire-fence.ts';
import { cleanUp } from '../../../databases/sqlite/clean-up.ts';
import { dropTables } from '../../../databases/sqlite/drop.ts';
import { failureOf } from '../../../databases/sqlite/errors.ts';
import { readCheckpoint } from '../../../databases/sqlite/fence.ts';
import { fenced } from '../../../databases/sqlite/fenced.ts';
import { fold } from '../../../databases/sqlite/names.ts';
import { openDatabase } from '../../../databases/sqlite/open.ts';
import { objectsOf } from '../../../databases/sqlite/own-names.ts';
import { fileOf } from '../../../databases/sqlite/place.ts';
import { dropSequences } from '../../../databases/sqlite/rename.ts';
import { type Io, Transient } from '../../../jobs/kind.ts';
import type { RestoreWork, Steps } from '../details.ts';
import type { RestorePort } from '../port.ts';
import { ownNameOf, type RestoreCheckpoint } from './checkpoint.ts';
import { openExisting } from './existing-database.ts';
import { openNew, openVerification, removeHidden } from './new-database.ts';
import { checkTarget, planOf } from './plan.ts';

export const sqliteRestore: RestorePort = {
  fold,
  failureOf,
  acquireFence: enterTarget,
  check: (manifest, wanted, environment) => {
    const databaseFile = fileOf(environment);
    if (databaseFile === null) return void planOf(manifest, wanted, null, environment.restoresTriggers);
    const { sql, close } = openDatabase(databaseFile, wanted.database, { readonly: true, lockWaitMs: 100 });
    try {
      checkTarget(sql, wanted.database, manifest, planOf(manifest, wanted, sql, environment.restoresTriggers));
    } finally {
      close();
    }
  },
  open: (context) => {
    const { details } = context.work;
    if (details.verifyOnly) return openVerification(context);
    const databaseFile = fileOf(context.io.environment);
    if (databaseFile === null) throw new Transient(`database ${details.database} is not known any more`);
    return (details.makesDatabase ? openNew : openExisting)(context, databaseFile);
  },
  revert: async function* (work, io) {
    const databaseFile = fileOf(io.environment);
    if (work.details.verifyOnly) return;
    if (!work.details.makesDatabase) yield* dropHidden(work, io);
    else if (databaseFile !== null) removeHidden(databaseFile, work.claim.jobId);
  },
  cleanUp: (work, environment, when) => cleanUp(work, environment, ownNameOf(work.claim), when),
};

async function* dropHidden(work: RestoreWork, io: Io): Steps {
  const { claim } = work;
  const target = openForRevert(work, io);
  if (target === null) return;
  try {
    target.sql.pragma('foreign_keys = OFF');
    const own = objectsOf(target.sql, ownNameOf(claim)).map(({ name }) => name);
    const step = { checkpoint: work.checkpoint ?? { fraction: 0 }, message: 'removing rows' };
    yield* dropTables(target, claim, own, step, io);
    if (readCheckpoint<RestoreCheckpoint>(target.sql, claim)?.hadSequences !== false) return;
    yield* fenced(target, claim, step, io.signal, () => dropSequences(target.sql, `${ownNameOf(claim)}_sequences`));
  } finally {
    target.close();
  }
}
