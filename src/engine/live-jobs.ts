/** The jobs that have not ended, of all users. */
import { hasEnded } from '../jobs/control.ts';
import type { Condition } from '../jobs/filter.ts';
import type { Job } from '../jobs/job.ts';
import { JOB_STATUSES } from '../jobs/status.ts';
import type { Position, Store } from '../store/store.ts';

const LIVE: Condition = { is: 'in', field: 'status', value: JOB_STATUSES.filter((status) => !hasEnded(status)) };
const EVERYBODYS = { sees: 'all', controls: [], userName: '' } as const;
const PAGE = 500;

/** In the order of their creation. */
export async function* liveJobs(store: Store): AsyncGenerator<Job, void, void> {
  for (let after: Position | null = null; ; ) {
    const page = { direction: 'ascending', after, before: null, limit: PAGE } as const;
    const { jobs, more } = await store.jobs({ ...page, orderBy: 'CREATED_AT', where: LIVE }, EVERYBODYS);
    yield* jobs;
    const last = jobs.at(-1);
    if (!more || last === undefined) return;
    after = [Number(last.id)];
  }
}

/** What a restore reads, and what an incremental backup is made from. */
interface Using {
  readonly sha256?: unknown;
  readonly incrementalFrom?: { readonly sha256?: unknown } | null;
}

/** The hashes of the manifests of backups that other jobs use. */
export const usedBackups = async (store: Store, jobId: string): Promise<readonly string[]> => {
  const used: string[] = [];
  for await (const { id, type, details } of liveJobs(store)) {
    if (id === jobId || (type !== 'RESTORE' && type !== 'BACKUP')) continue;
    const { sha256, incrementalFrom } = details as Using;
    for (const one of [sha256, incrementalFrom?.sha256]) if (typeof one === 'string') used.push(one);
  }
  return used;
};
