/** Counts what this server does with jobs. */
import type { JobId } from '../../jobs/job.ts';
import { ENDED } from '../../jobs/status.ts';
import type { Claim, Saved } from '../../store/store.ts';
import type { StoreObserver } from '../observed-store.ts';
import type { Series } from './series.ts';

interface Running {
  readonly kind: string;
  readonly jobId: JobId;
  readonly claimedAt: number;
  /** The counters of the last save. Null: the job has been resumed, and its first save has those of earlier claims. */
  counted: Readonly<Record<'rows' | 'bytes', number>> | null;
}

/** Claims that ended without a report stay until so many others have come. */
const MOST_KEPT = 10_000;

export const countJobs = (series: Series): StoreObserver => {
  const running = new Map<string, Running>();
  /** The newest claim of each job. */
  const claims = new Map<JobId, string>();
  const keyOf = ({ jobId, sessionId, epoch }: Claim) => `${jobId}/${sessionId}/${epoch}`;
  const remove = (key: string) => {
    const found = running.get(key);
    if (!running.delete(key) || found === undefined) return;
    series.running.dec({ kind: found.kind });
    if (claims.get(found.jobId) === key) claims.delete(found.jobId);
  };
  const count = (job: Running, { counters }: Saved) => {
    if (counters === undefined) return;
    const counterOf = (name: string) => counters.find((counter) => counter.name === name)?.value ?? 0;
    const now = { rows: counterOf('rows'), bytes: counterOf('bytes') };
    // A job that was reset begins from zero.
    if (job.counted !== null) {
      series.rows.inc({ kind: job.kind }, Math.max(0, now.rows - job.counted.rows));
      series.bytes.inc({ kind: job.kind }, Math.max(0, now.bytes - job.counted.bytes));
    }
    job.counted = now;
  };
  return {
    created: ({ typeName }) => series.created.inc({ kind: typeName }),
    controlled: ({ command }, { changedCount, unchangedCount, refusedCount }) => {
      series.commands.inc({ command });
      series.controlled.inc({ command, result: 'changed' }, changedCount);
      series.controlled.inc({ command, result: 'unchanged' }, unchangedCount);
      series.controlled.inc({ command, result: 'refused' }, refusedCount);
    },
    claimed: ({ claim, typeName: kind, task, attempts, checkpoint }) => {
      const key = keyOf(claim);
      if (running.has(key)) return;
      // A claim that ended without a report.
      const before = claims.get(claim.jobId);
      if (before !== undefined) remove(before);
      claims.set(claim.jobId, key);
      series.claims.inc({ kind, task });
      if (task === 'run' && attempts > 0) series.retries.inc({ kind });
      const counted = checkpoint === null ? { rows: 0, bytes: 0 } : null;
      running.set(key, { kind, jobId: claim.jobId, claimedAt: performance.now(), counted });
      series.running.inc({ kind });
      if (running.size > MOST_KEPT) remove(running.keys().next().value ?? '');
    },
    saved: (claim, saved) => {
      const job = running.get(keyOf(claim));
      if (job !== undefined) count(job, saved);
    },
    settled: (claim, { report, saved }, status) => {
      const key = keyOf(claim);
      const job = running.get(key);
      if (job === undefined || status === 'PAUSE_REQUESTED') return;
      if (saved !== undefined) count(job, saved);
      const { kind } = job;
      series.runSeconds.observe({ kind, report }, (performance.now() - job.claimedAt) / 1_000);
      if ((ENDED as readonly string[]).includes(status)) series.ended.inc({ kind, status });
      remove(key);
    },
    lost: (claim) => remove(keyOf(claim)),
  };
};
