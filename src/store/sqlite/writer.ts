/**
 * The only connection that writes. Around each transaction it checks whether another program has written to the store,
 * such as one that restored an older copy, and records how far the store came.
 */
import { type Connection, connect, transaction } from './client.ts';
import { log } from './events.ts';
import { haveGrantsChanged } from './grants.ts';
import { createChosen } from './moves.ts';
import * as sessions from './sessions.ts';
import { isBehind, openReachedFile, type Reached, recoverSetBack } from './set-back.ts';
import * as users from './users.ts';

export interface Written<T> extends Reached {
  readonly result: T;
  /** Another program has committed since the previous transaction. */
  readonly changedElsewhere: boolean;
  /** A database that was created has been granted to its creator. */
  readonly grantsChanged: boolean;
}

export interface Writer {
  write<T>(work: (db: Connection) => Promise<T>): Promise<Written<T>>;
  /** How far the commits of another program came; null if there are none. */
  poll(): Promise<Reached | null>;
  close(): Promise<void>;
}

export const startWriter = async (file: string, storeId: string, onSetBack: () => void): Promise<Writer> => {
  const db = await connect(file, 'writer');
  const reachedFile = openReachedFile(file, storeId);
  let reached = reachedFile.read();

  /** In a transaction: repairs the consequences of an older copy of the store. */
  const checkSetBack = async () => {
    const now = await log(db);
    if (reached === null || !isBehind(now, reached)) return;
    await recoverSetBack(db, reached, Date.now());
    onSetBack();
  };

  const write: Writer['write'] = async (work) => {
    let changedElsewhere = false;
    const result = await transaction(db, async () => {
      changedElsewhere = db.changedElsewhere();
      if (changedElsewhere) await checkSetBack();
      return work(db);
    });
    const { head, revision } = await log(db);
    reached = { head, revision };
    reachedFile.write(reached);
    return { result, head, revision, changedElsewhere, grantsChanged: haveGrantsChanged(db) };
  };

  await createChosen(db);
  await write(async () => {
    await checkSetBack();
    await users.seed(db, Date.now());
    await sessions.endOtherSessions(db, Date.now());
  });
  return {
    write,
    poll: async () => {
      if (!db.changedElsewhere()) return null;
      return write(checkSetBack);
    },
    close: async () => {
      reachedFile.close();
      await db.close();
    },
  };
};
