/** What a worker in another program gets of a claimed job. */
import type { Vault } from '../auth/vault.ts';
import type { EnvironmentOf } from '../engine/databases.ts';
import { lostGrantOf } from '../engine/run-claimed.ts';
import { messageOf } from '../errors.ts';
import { reachOf } from '../jobs/access.ts';
import type { DatabasePlace } from '../jobs/kind.ts';
import { withSecrets } from '../jobs/remote.ts';
import type { Claimed, Settled } from '../store/store.ts';

export interface SentJob {
  readonly jobId: string;
  /** Grows with each claim. */
  readonly epoch: number;
  readonly typeName: string;
  /** `release`: nothing is to be done but to report `stopped`. */
  readonly task: Claimed['task'];
  /** With its secrets. */
  readonly input: unknown;
  readonly checkpoint: unknown;
  /** From 1. */
  readonly attempt: number;
  /** The registered database that the input names; null without one. */
  readonly database: DatabasePlace | null;
  /** The work can no longer be reverted. */
  readonly committing: boolean;
}

/** What is reported instead, for a job that this worker must not get. */
export type Refused = Pick<Settled, 'report' | 'error'>;

export const openClaimed = (claimed: Claimed, vault: Vault, environmentOf: EnvironmentOf): SentJob | Refused => {
  const lost = lostGrantOf(claimed);
  if (lost !== null) return { report: 'pauseAsked', error: lost };
  const { claim, typeName, task, details, secrets, checkpoint, attempts, committing } = claimed;
  try {
    const opened = secrets === undefined || task === 'release' ? {} : vault.open(secrets);
    const input = withSecrets(details, opened);
    const { jobId, epoch } = claim;
    const { database } = environmentOf(claimed.database, reachOf(claimed.owner));
    return { jobId, epoch, typeName, task, input, checkpoint, attempt: attempts + 1, database, committing };
  } catch (error) {
    return { report: task === 'run' ? 'pauseAsked' : 'revertFailed', error: messageOf(error) };
  }
};
