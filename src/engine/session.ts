/**
 * The session under which a worker claims jobs. Its heartbeat keeps all its claims alive. A worker that has not reached
 * the store for two thirds of a lease stops its own jobs: after a whole lease other workers may take them over, and
 * work outside a database has no fence there. The worker then continues under a new session.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Instant } from '../jobs/job.ts';
import type { Store } from '../store/store.ts';

export interface SessionOptions {
  readonly store: Pick<Store, 'startSession' | 'heartbeat' | 'endSession'>;
  readonly log: Logger;
  readonly name: string;
  /** The names of the types that this worker can run. */
  readonly types: readonly string[];
  /** This server; null if an embedded store has no other. */
  readonly node: string | null;
  readonly version: string;
  readonly leaseMs: number;
  /** The server was asked to hand its jobs to others: a session that replaces the first gets none either. */
  readonly isDraining: () => boolean;
  readonly now: () => Instant;
  /** The claims of the session are lost, or may be: all its jobs have to stop. */
  readonly onLost: () => void;
  /** The store has answered a heartbeat. It may have declared other sessions dead, which no event reports. */
  readonly onBeat: () => void;
}

/** It has reported in time. */
const UNEXPECTED =
  'this worker was declared dead although it has reported in time, and its claims are lost: has another server on this ' +
  'job store the same NODE_NAME, or a smaller LEASE_SECONDS?';

export interface Session {
  /** Null while this worker must not claim. */
  readonly id: string | null;
  stop(): Promise<void>;
}

export const startSession = async (options: SessionOptions): Promise<Session> => {
  const { store, log, leaseMs, now, onLost, onBeat } = options;
  const start = async () => {
    const id = randomUUID();
    const { name, types, node, version, isDraining } = options;
    await store.startSession({ id, name, types, node, version, draining: isDraining() }, now());
    return id;
  };
  let id = await start();
  let isFenced = false;
  let beatAt = performance.now();
  let beating = false;

  const beat = async () => {
    // A slow store must not cause the same session to be replaced twice.
    if (beating) return;
    beating = true;
    try {
      const sentAt = performance.now();
      const isAlive = await store.heartbeat(id, leaseMs, now());
      if (!isAlive && !isFenced) {
        const isPunctual = sentAt - beatAt < leaseMs / 2;
        log.warn(isPunctual ? UNEXPECTED : 'this worker was declared dead: its claims are lost');
        onLost();
      }
      if (!isAlive || isFenced) id = await start();
      isFenced = false;
      beatAt = sentAt;
      onBeat();
    } catch (error) {
      log.error({ err: error }, 'the heartbeat failed');
    }
    beating = false;
  };

  const fenceSelf = () => {
    if (isFenced || performance.now() - beatAt < (leaseMs * 2) / 3) return;
    isFenced = true;
    log.error('the job store has not answered for two thirds of a lease: all jobs of this worker are stopped');
    onLost();
  };

  const timers = [setInterval(beat, leaseMs / 4), setInterval(fenceSelf, leaseMs / 12)];
  return {
    get id() {
      return isFenced ? null : id;
    },
    stop: async () => {
      timers.forEach(clearInterval);
      // If the store is away, the session ends with its lease.
      await store.endSession(id, now()).catch((error) => log.warn({ err: error }, 'the session could not be ended'));
    },
  };
};
