/** Deletes jobs that have ended, databases and users. */
import { randomUUID } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Identity } from '../auth/identity.ts';
import type { Viewer } from '../auth/viewer.ts';
import { badInput, conflict, cutText, messageOf, notFound, unavailable } from '../errors.ts';
import { type Access, requireAdmin } from '../jobs/access.ts';
import type { Instant } from '../jobs/job.ts';
import { Transient } from '../jobs/kind.ts';
import type { By, DeleteOrder, DeleteOutcome, KnownDatabase } from '../store/store.ts';
import { askCleanUp, type CleanUpOptions } from './clean-up.ts';
import type { Databases } from './databases.ts';
import { removeLeft } from './sweep.ts';

export interface DeleteOptions extends CleanUpOptions {
  readonly databases: Databases;
  readonly log: Logger;
  readonly now: () => Instant;
}

export interface Delete {
  /** What the jobs left in their databases is removed afterwards. */
  jobs(
    order: Omit<DeleteOrder, 'actor' | 'access' | 'commandId'>,
    access: Access,
    identity: Identity,
  ): Promise<Omit<DeleteOutcome, 'deleted'> & { readonly commandId: string | null }>;
  /** @throws FORBIDDEN, NOT_FOUND; CONFLICT if live jobs use it; UNAVAILABLE while it is locked; BAD_USER_INPUT if its file may not be deleted */
  database(
    input: { readonly name: string; readonly deleteFile: boolean },
    viewer: Viewer,
    by: By,
  ): Promise<KnownDatabase>;
}

export const createDelete = (options: DeleteOptions): Delete => ({
  jobs: async (order, access, { tokenId, remoteAddress }) => {
    const commandId = randomUUID();
    const actor = { kind: 'USER', name: access.userName, tokenId } as const;
    const { deleted, ...outcome } = await options.store.deleteJobs(
      { ...order, access, actor, commandId, remoteAddress },
      options.now(),
    );
    // What this does not remove, the next sweep of the database does.
    void (async () => {
      for (const job of deleted) {
        await askCleanUp(options, job, 'removed').catch((error) =>
          options.log.warn({ jobId: job.id, reason: messageOf(error) }, 'what a deleted job left was not removed yet'),
        );
      }
    })();
    return { ...outcome, commandId: outcome.applied ? commandId : null };
  },
  database: async ({ name, deleteFile }, viewer, by) => {
    requireAdmin(viewer, 'delete databases');
    const { store, databases } = options;
    const all = await store.databases();
    const known = all.find((database) => database.name === name);
    if (known === undefined) throw notFound(`database ${cutText(name, 100)} does not exist`);
    if (deleteFile) await checkFile(known, all, databases);
    const isMissing = (await stat(databases.fileOf(known)).catch(() => null)) === null;
    if (!isMissing) await removeLeft(options, known).catch(rejectLocked);
    if (!(await store.deleteDatabase(name, by, isMissing))) throw notFound(`database ${name} does not exist`);
    if (deleteFile) {
      for (const end of ['', '-wal', '-shm', '-journal']) await rm(`${databases.fileOf(known)}${end}`, { force: true });
    }
    return known;
  },
});

/** @throws UNAVAILABLE while another program holds the lock of the database */
const rejectLocked = (error: unknown): never => {
  throw error instanceof Transient ? unavailable(error.message) : error;
};

/** Only the file of a database that this server created, and that no other name refers to, is deleted. */
const checkFile = async (database: KnownDatabase, all: readonly KnownDatabase[], { fileOf, isHere }: Databases) => {
  if (database.url !== `file:${database.name}.db`) {
    throw badInput('input.deleteFile', `the file of database ${database.name} was not created by Signalbox`);
  }
  const identityOf = async (one: KnownDatabase) => {
    const found = await stat(fileOf(one), { bigint: true }).catch(() => null);
    return found === null ? null : `${found.dev}:${found.ino}`;
  };
  const own = await identityOf(database);
  for (const other of all.filter(isHere)) {
    if (other.name === database.name || own === null || (await identityOf(other)) !== own) continue;
    throw conflict(`database ${other.name} has the same file as database ${database.name}`);
  }
};
