/** What people do to schedules: create, change, delete, pause, resume and run them. */
import type { Viewer } from '../auth/viewer.ts';
import { badInput, conflict, forbidden, notFound } from '../errors.ts';
import { type Access, mayChangeScheduledJob, mayManageSchedule, requireCreateJobs } from '../jobs/access.ts';
import type { RefusalCode } from '../jobs/control.ts';
import type { Instant, JobId } from '../jobs/job.ts';
import type { MissedRuns, Schedule, ScheduleId, ScheduleOverlap } from '../jobs/schedule.ts';
import type { By, ScheduleChanges, Store } from '../store/store.ts';
import { type CronTimes, readCron } from './cron.ts';
import type { KeyOf } from './idempotency.ts';
import type { Creator } from './prepare.ts';
import { readScheduledJob, type ScheduledJob, type ScheduledJobOptions } from './scheduled-job.ts';
import type { Scheduler } from './scheduler.ts';
import type { Viewers } from './viewers.ts';

export interface ScheduleInput {
  readonly name: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly overlap: ScheduleOverlap;
  readonly onMissed: MissedRuns;
  readonly job: ScheduledJob;
}

/** A viewer who does something to schedules. */
export interface Manager extends Creator {
  readonly access: Access;
  readonly by: By;
}

export interface ScheduleRefusal {
  readonly id: ScheduleId;
  readonly code: RefusalCode;
  readonly message: string;
}

export interface Schedules {
  /** @throws FORBIDDEN, BAD_USER_INPUT, CONFLICT, IDEMPOTENCY_CONFLICT, TOO_MANY, UNAVAILABLE */
  create(input: ScheduleInput, idempotencyKey: string | null, manager: Manager): Promise<Schedule>;
  /** What is omitted stays unchanged. @throws NOT_FOUND, and as `create` */
  update(id: ScheduleId, input: Partial<ScheduleInput>, manager: Manager): Promise<Schedule>;
  /** @throws NOT_FOUND, FORBIDDEN */
  delete(id: ScheduleId, manager: Manager): Promise<void>;
  /** Those that this manager may not see or change, each once. */
  refusals(ids: readonly ScheduleId[], manager: Manager): Promise<readonly ScheduleRefusal[]>;
  /** Each schedule is in the requested state, or refused. */
  setPaused(
    ids: readonly ScheduleId[],
    paused: boolean,
    manager: Manager,
  ): Promise<{ readonly schedules: readonly Schedule[]; readonly refusals: readonly ScheduleRefusal[] }>;
  /** @throws NOT_FOUND, FORBIDDEN, CONFLICT, and what the creation of such a job throws */
  run(id: ScheduleId, manager: Manager): Promise<JobId>;
}

interface Options extends ScheduledJobOptions {
  readonly store: Store;
  readonly scheduler: Pick<Scheduler, 'run' | 'tick'>;
  readonly viewers: Pick<Viewers, 'find'>;
  readonly keyOf: KeyOf;
  readonly now: () => Instant;
}

const LONGEST_NAME = 200;
/** How often a change is prepared again because the schedule was changed meanwhile. */
const MOST_UPDATES = 3;

export const createSchedules = (options: Options): Schedules => {
  const { store, scheduler, viewers, keyOf, now } = options;
  const wake = () => void scheduler.tick().catch(() => undefined);
  const ownerOf = ({ userName }: Schedule) => ({
    userName,
    ownerIsAdmin: viewers.find(userName)?.isAdmin ?? false,
  });
  const mayManage = (schedule: Schedule, { viewer, access }: Manager) =>
    mayManageSchedule(viewer, access, ownerOf(schedule));
  /** Null: the viewer sees none. */
  const readAll = async (ids: readonly ScheduleId[], { access }: Manager) => {
    const found = new Map<ScheduleId, Schedule | null>(ids.map((id) => [id, null]));
    for (const schedule of await store.schedulesById([...found.keys()], access)) found.set(schedule.id, schedule);
    return found;
  };
  const refusalsOf = (found: ReadonlyMap<ScheduleId, Schedule | null>, manager: Manager) =>
    [...found].flatMap(([id, schedule]): ScheduleRefusal[] => {
      if (schedule === null) return [{ id, code: 'NOT_FOUND', message: absent(id) }];
      if (mayManage(schedule, manager)) return [];
      return [{ id, code: 'FORBIDDEN', message: forbiddenMessage(id, manager.viewer) }];
    });
  const findManaged = async (id: ScheduleId, manager: Manager): Promise<Schedule> => {
    const [schedule] = await store.schedulesById([id], manager.access);
    if (schedule === undefined) throw notFound(absent(id));
    if (!mayManage(schedule, manager)) throw forbidden(forbiddenMessage(id, manager.viewer));
    return schedule;
  };
  const valuesAt = (times: CronTimes, runs: number) => {
    const at = times.after(now()) ?? now();
    return { ...times.localAt(at), run: String(runs + 1) };
  };
  /** The job of a schedule is validated as its owner. */
  const readJobFor = async (schedule: Schedule, job: ScheduledJob, manager: Manager, times: CronTimes) => {
    if (!mayChangeScheduledJob(manager.viewer, schedule)) {
      throw forbidden(`only user ${schedule.userName} and admins can change the job of schedule ${schedule.id}`);
    }
    const viewer = viewers.find(schedule.userName);
    if (viewer === undefined) throw notFound(`user ${schedule.userName} does not exist`);
    return readScheduledJob(options, job, { ...manager, viewer }, valuesAt(times, schedule.runs));
  };
  return {
    create: async (input, idempotencyKey, manager) => {
      const { viewer, by } = manager;
      requireCreateJobs(viewer);
      const idempotency = await keyOf('createSchedule', idempotencyKey, input);
      const key = idempotency === null ? null : { ...idempotency, userName: viewer.name };
      const before = key === null ? null : await store.targetByKey(key);
      const [known] = before === null ? [] : await store.schedulesById([before], manager.access);
      if (known !== undefined) return known;
      const { job, ...columns } = input;
      requireName(input.name);
      const times = readCron(input.cron, input.timeZone);
      const scheduled = await readScheduledJob(options, job, manager, valuesAt(times, 0));
      const schedule = { ...columns, ...scheduled, userName: viewer.name, nextRunAt: times.after(now()) };
      const created = await store.createSchedule(schedule, now(), by, key);
      wake();
      return created;
    },
    update: async (id, { job, ...given }, manager) => {
      // The validation of a job takes time. What was decided from a schedule that was paused or changed meanwhile is
      // decided again.
      for (let tries = 0; tries < MOST_UPDATES; tries += 1) {
        const schedule = await findManaged(id, manager);
        if (given.name !== undefined) requireName(given.name);
        const { cron, timeZone } = { ...schedule, ...given };
        const times = readCron(cron, timeZone);
        const isMoved = cron !== schedule.cron || timeZone !== schedule.timeZone;
        const scheduled = job === undefined ? {} : await readJobFor(schedule, job, manager, times);
        const changes: ScheduleChanges = {
          ...given,
          ...scheduled,
          ...(isMoved && !schedule.paused ? { nextRunAt: times.after(now()) } : {}),
        };
        const updated = await store.updateSchedule(id, schedule.version, changes, manager.by);
        if (updated === null) continue;
        wake();
        return updated;
      }
      throw conflict(`schedule ${id} was changed at the same time: try again`);
    },
    delete: async (id, manager) => {
      await findManaged(id, manager);
      if (!(await store.deleteSchedule(id, manager.by))) throw notFound(absent(id));
    },
    refusals: async (ids, manager) => refusalsOf(await readAll(ids, manager), manager),
    setPaused: async (ids, paused, manager) => {
      const found = await readAll(ids, manager);
      const wanted = [...found.keys()];
      const refusals = refusalsOf(found, manager);
      const refused = new Set(refusals.map(({ id }) => id));
      const changing = [...found.values()].filter((one) => one !== null && !refused.has(one.id)) as Schedule[];
      const changes = changing.map(({ id, cron, timeZone }) => ({
        id,
        nextRunAt: paused ? null : readCron(cron, timeZone).after(now()),
      }));
      await store.setSchedulesPaused(changes, paused, manager.by);
      wake();
      const managed = wanted.filter((id) => !refused.has(id));
      return { schedules: await store.schedulesById(managed, manager.access), refusals };
    },
    run: async (id, manager) => scheduler.run(await findManaged(id, manager), manager.by),
  };
};

const requireName = (name: string) => {
  if (name.trim() !== '' && name.length <= LONGEST_NAME) return;
  throw badInput(
    'input.name',
    `input.name ${JSON.stringify(name.slice(0, LONGEST_NAME))} must have 1 to ${LONGEST_NAME} characters`,
  );
};

const absent = (id: ScheduleId) => `schedule with ID ${id} does not exist`;
const forbiddenMessage = (id: ScheduleId, { name }: Viewer) =>
  `user ${name} does not have privileges for schedule ${id}`;
