/**
 * Keeps triggers of jobs from making writes of other programs fail. A trigger refers to tables of its job; if another
 * program drops one of these, every write to the table with the trigger fails. A running job notices that itself. For
 * jobs that are paused or wait, this looks at each database whose file has changed.
 */
import { stat } from 'node:fs/promises';
import { messageOf } from '../errors.ts';
import { fileOf, type SweepOptions } from './sweep.ts';
import { DATABASE } from './work-protocol.ts';

type MendOptions = Pick<SweepOptions, 'store' | 'runner' | 'log' | 'environmentOf' | 'isHere'>;

interface Looked {
  /** The state of the file then. */
  readonly stamp: string;
  readonly hasTriggers: boolean;
  /** The end of the log of events then: a later event may be that of a job with triggers. */
  readonly head: number;
}

/** Returns a function that looks at the databases that have changed. */
export const startMend = ({ store, runner, log, environmentOf, isHere }: MendOptions): (() => Promise<void>) => {
  const looked = new Map<string, Looked>();
  return async () => {
    const { head } = await store.log();
    for (const database of await store.databases()) {
      if (!isHere(database)) continue;
      const { name } = database;
      const file = fileOf({ environmentOf }, database);
      const stamp = await stampOf(file);
      const last = looked.get(name);
      if (stamp === null || last?.stamp === stamp || (last?.hasTriggers === false && last.head === head)) continue;
      try {
        const { hasTriggers, dropped } = await runner.ask<{
          readonly hasTriggers: boolean;
          readonly dropped: readonly string[];
        }>(DATABASE, 'dropBroken', file, name, store.id);
        looked.set(name, { stamp, hasTriggers, head });
        if (dropped.length > 0)
          log.warn({ database: name, names: dropped }, 'triggers without their table were removed');
      } catch (error) {
        log.warn({ database: name, reason: messageOf(error) }, 'the triggers of a database could not be checked');
      }
    }
  };
};

/** Changes with each commit; null if there is no file. */
const stampOf = async (file: string): Promise<string | null> => {
  const [main, wal] = await Promise.all(
    [file, `${file}-wal`].map((name) => stat(name, { bigint: true }).catch(() => null)),
  );
  if (main === null || main === undefined) return null;
  return [main, wal].map((found) => (found ? `${found.ino}:${found.size}:${found.mtimeNs}` : '')).join(' ');
};
