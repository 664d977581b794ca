/**
 * Workers in other programs: they claim, save and settle jobs over HTTP, under the same rules as the worker of a server.
 * Each claim is a heartbeat of the session, whose lease is that of servers. A request may be repeated: the store gives
 * the same answer as the first time.
 */

import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Identity } from '../auth/identity.ts';
import type { Vault } from '../auth/vault.ts';
import type { EnvironmentOf } from '../engine/databases.ts';
import type { RemoteKinds } from '../engine/remote-kinds.ts';
import type { Viewers } from '../engine/viewers.ts';
import { cutText, forbidden, notFound } from '../errors.ts';
import type { Instant } from '../jobs/job.ts';
import { limitsOf } from '../jobs/kind-options.ts';
import type { Registry } from '../jobs/registry.ts';
import type { JobStatus } from '../jobs/status.ts';
import type { Claim, Claimed, Saved, Settled, Store } from '../store/store.ts';
import { CLAIM, parseMessage, SAVE, type SavedFields, SETTLE, START, STOP } from './messages.ts';
import { openClaimed, type SentJob } from './open-claimed.ts';
import { createPolls } from './polls.ts';
import { createSessions, sessionEnded, type WorkerSession } from './sessions.ts';

export interface WorkerApiOptions {
  readonly store: Store;
  readonly registry: Registry;
  readonly kinds: RemoteKinds;
  readonly viewers: Pick<Viewers, 'token'>;
  readonly vault: Vault;
  readonly environmentOf: EnvironmentOf;
  readonly leaseMs: number;
  /** With AUTH=insecure tokens are not checked, and every client may be a worker. */
  readonly isInsecure: boolean;
  readonly log: Logger;
  readonly now: () => Instant;
}

type Caller = Pick<Identity, 'userName' | 'tokenId' | 'scope'>;

export interface WorkerApi {
  /**
   * @param name the last part of the path: start, claim, save, settle or stop
   * @param left aborted when the worker no longer waits for the answer
   * @throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND for a session that has ended, CONFLICT, UNAVAILABLE
   */
  call(name: string, body: unknown, caller: Caller, left: AbortSignal): Promise<object>;
  /** Ends the waiting claims. */
  stop(): void;
}

/** The part of a lease that a claim waits for a job: the next claim is the next heartbeat. */
const WAIT_SHARE = 1 / 6;

export const createWorkerApi = (options: WorkerApiOptions): WorkerApi => {
  const { store, registry, kinds, viewers, vault, environmentOf, leaseMs, isInsecure, log, now } = options;
  const sessions = createSessions(vault.boxFor('worker sessions'));
  const polls = createPolls(store, leaseMs * WAIT_SHARE);

  const mayRun = ({ scope, tokenId }: Caller, kind: string): boolean =>
    isInsecure || (scope === 'WORKER' && (viewers.token(tokenId ?? '')?.kinds ?? []).includes(kind));

  const requireWorker = (caller: Caller) => {
    if (isInsecure || caller.scope === 'WORKER') return;
    throw forbidden(`the scope of the token is ${caller.scope}: workers need a token of scope WORKER`);
  };

  const start = async (body: unknown, caller: Caller) => {
    const { name, kinds: given } = parseMessage(START, body);
    const wrong = given.find((kind) => !mayRun(caller, kind.name));
    if (wrong !== undefined) throw forbidden(`the token does not permit kind ${wrong.name}`);
    await kinds.register(given.map(({ name: kind, ...definition }) => ({ name: kind, definition })));
    const session = { id: randomUUID(), name, types: given.map((kind) => kind.name) };
    await store.startSession({ ...session, remote: true }, now());
    log.info({ worker: name, session: session.id, types: session.types }, 'a worker in another program has started');
    return { session: sessions.seal(session, caller), leaseMs };
  };

  /** Settles at once what the worker must not get. */
  const send = async (claimed: Claimed, { name }: WorkerSession): Promise<readonly SentJob[]> => {
    const opened = openClaimed(claimed, vault, environmentOf);
    if (!('report' in opened)) return [opened];
    await store.settle(claimed.claim, { ...opened, fenceAcquired: false, actor: name }, now());
    return [];
  };

  const claim = async (body: unknown, caller: Caller, left: AbortSignal) => {
    const { session: sealed, running, reverting, holding, stopping, wait } = parseMessage(CLAIM, body);
    const session = sessions.open(sealed, caller);
    if (!(await store.heartbeat(session.id, leaseMs, now()))) throw sessionEnded();
    // Another server may have registered its kinds.
    if (session.types.some((type) => registry.find(type) === undefined)) await kinds.refresh();
    const concurrency = limitsOf(session.types.flatMap((type) => registry.find(type) ?? []));
    const limits = { running, reverting, types: session.types, holding, concurrency };
    const known = new Set(stopping);
    return polls.wait(session.id, left, async () => {
      const answer = await store.claim(session.id, limits, now());
      const jobs = (await Promise.all(answer.claimed.map((one) => send(one, session)))).flat();
      const stop = answer.requested.filter((id) => holding.includes(id) && !known.has(id));
      const isNews = !wait || answer.claimed.length > 0 || stop.length > 0;
      return { isNews, waitMs: answer.nextAttemptInMs, answer: { jobs, stop } };
    });
  };

  const save = async (body: unknown, caller: Caller) => {
    const { session: sealed, jobs } = parseMessage(SAVE, body);
    const { id } = sessions.open(sealed, caller);
    const saveOne = async ({ jobId, epoch, commit, ...saved }: (typeof jobs)[number]) => {
      const held: Claim = { jobId, epoch, sessionId: id };
      const kept = savedOf(saved);
      if (commit) return { jobId, committing: await store.markCommitting(held, kept, now()) };
      return { jobId, status: await store.save(held, kept, now()) };
    };
    return { jobs: await Promise.all(jobs.map(saveOne)) };
  };

  const settle = async (body: unknown, caller: Caller) => {
    const { session: sealed, jobs } = parseMessage(SETTLE, body);
    const { id, name } = sessions.open(sealed, caller);
    const settleOne = async ({
      jobId,
      epoch,
      report,
      error,
      result,
      rowError,
      retry,
      ...saved
    }: (typeof jobs)[number]) => {
      const kept: Saved = {
        ...savedOf(saved),
        ...(result !== undefined && { result }),
        ...(rowError !== undefined && { rowError: cutText(rowError) }),
      };
      const settled: Settled = {
        report,
        actor: name,
        ...(error !== undefined && { error: cutText(error) }),
        ...(retry !== undefined && { retry }),
        ...(Object.keys(kept).length > 0 && { saved: kept }),
      };
      const status: JobStatus | null = await store.settle({ jobId, epoch, sessionId: id }, settled, now());
      return { jobId, status };
    };
    const settled = await Promise.all(jobs.map(settleOne));
    polls.release(id);
    return { jobs: settled };
  };

  const stop = async (body: unknown, caller: Caller) => {
    const { id } = sessions.open(parseMessage(STOP, body).session, caller);
    await store.endSession(id, now());
    polls.release(id);
    return {};
  };

  const calls: Readonly<Record<string, (body: unknown, caller: Caller, left: AbortSignal) => Promise<object>>> = {
    ...{ start, claim, save, settle, stop },
  };
  return {
    call: async (name, body, caller, left) => {
      const answer = Object.hasOwn(calls, name) ? calls[name] : undefined;
      if (answer === undefined) throw notFound(`there is no /worker/${cutText(name, 100)}`);
      requireWorker(caller);
      return answer(body, caller, left);
    },
    stop: polls.stop,
  };
};

const savedOf = ({ checkpoint, fractionCompleted, message, counters, warnings }: SavedFields): Saved => ({
  ...(checkpoint !== undefined && { checkpoint }),
  ...(fractionCompleted !== undefined && { fractionCompleted }),
  ...(message !== undefined && { message: cutText(message) }),
  ...(counters !== undefined && { counters: Object.entries(counters).map(([name, value]) => ({ name, value })) }),
  ...(warnings !== undefined && { warnings: warnings.map((warning) => cutText(warning)) }),
});
