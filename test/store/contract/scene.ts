import type { Access } from '../../../src/jobs/access.ts';
import type { JobId } from '../../../src/jobs/job.ts';
import type { JobCommand } from '../../../src/jobs/status.ts';
import type {
  Claim,
  ClaimAnswer,
  Claimed,
  ClaimLimits,
  ControlOrder,
  NewJob,
  Settled,
  Store,
} from '../../../src/store/store.ts';

export interface OpenedStore {
  readonly store: Store;
  /** Closes the store and removes it. */
  close(): Promise<void>;
}

export const ADMIN: Access = { sees: 'all', controls: ['all'], userName: 'root' };
export const LEASE_MS = 15_000;

/** A job without anything special. */
export const NEW_JOB: NewJob = {
  type: 'CUSTOM',
  typeName: 'CUSTOM',
  description: 'a job',
  userName: 'root',
  database: null,
  details: {},
  inputJson: '{}',
  runAt: null,
  priority: 0,
  continuous: false,
  holds: [],
  makes: null,
  idempotency: null,
};

/** The store with a clock, and short ways to say what tests say often. */
export class Scene {
  #store: Store | undefined;
  now = Date.UTC(2026, 10, 20);
  #names = 0;

  get store(): Store {
    if (this.#store === undefined) throw new Error('the store is not open');
    return this.#store;
  }
  set store(store: Store) {
    this.#store = store;
  }

  /** A name that no other test uses. */
  name(of: string): string {
    this.#names += 1;
    return `${of} ${this.#names}`;
  }

  async create(typeName: string, more: Partial<NewJob> = {}): Promise<JobId> {
    this.now += 1;
    const job: NewJob = {
      ...NEW_JOB,
      typeName,
      description: `a job of ${typeName}`,
      ...more,
    };
    return (await this.store.createJob(job, this.now)).id;
  }

  async session(...types: readonly string[]): Promise<string> {
    const id = this.name('session');
    await this.store.startSession({ id, name: `worker of ${id}`, types }, this.now);
    return id;
  }

  claim(sessionId: string, types: readonly string[], limits: Partial<ClaimLimits> = {}): Promise<ClaimAnswer> {
    return this.store.claim(sessionId, { running: 10, reverting: 10, holding: [], types, ...limits }, this.now);
  }

  /** A job of a type of its own, claimed by a session of its own. */
  async running(more: Partial<NewJob> = {}): Promise<Running> {
    const type = this.name('TYPE');
    const id = await this.create(type, more);
    const session = await this.session(type);
    return { id, type, session, claim: await this.take(session, type, id) };
  }

  /** Claims exactly this job. */
  async take(session: string, type: string, id: JobId): Promise<Claim> {
    return (await this.taken(session, type, id)).claim;
  }

  async taken(session: string, type: string, id: JobId): Promise<Claimed> {
    const { claimed } = await this.claim(session, [type]);
    const [only, ...others] = claimed;
    if (only?.claim.jobId !== id || others.length > 0) throw new Error(`claimed ${JSON.stringify(claimed)}`);
    return only;
  }

  settle(claim: Claim, report: Settled['report'], more: Partial<Settled> = {}) {
    const error = ['failed', 'retry', 'pauseAsked', 'revertFailed'].includes(report) ? { error: `${report}!` } : {};
    return this.store.settle(claim, { report, actor: claim.sessionId, ...error, ...more }, this.now);
  }

  order(command: JobCommand, ids: readonly JobId[], more: Partial<ControlOrder> = {}) {
    this.now += 1;
    const order: ControlOrder = {
      command,
      jobs: { ids },
      access: ADMIN,
      actor: { kind: 'USER', name: 'root' },
      reason: null,
      commandId: this.name('command'),
      abortOnRefusal: false,
      dryRun: false,
      expectedCount: null,
      unchangedSince: null,
      refusingTypes: [],
      list: { changed: 100, refusals: 100 },
      ...more,
    };
    return this.store.control(order, this.now);
  }

  async job(id: JobId) {
    const job = await this.store.job(id, ADMIN);
    if (job === null) throw new Error(`job ${id} does not exist`);
    return job;
  }

  async status(id: JobId) {
    return (await this.job(id)).status;
  }

  /** The statuses that a job came to, oldest first. */
  async history(id: JobId) {
    return (await this.events(id)).map(({ to }) => to);
  }

  async events(id: JobId) {
    const page = { direction: 'ascending', after: null, before: null, limit: 1_000 } as const;
    return (await this.store.events(page, ADMIN, { jobId: id })).events;
  }
}

export interface Running {
  readonly id: JobId;
  readonly type: string;
  readonly session: string;
  readonly claim: Claim;
}
