import { type FileGrant, type Grants, isSameName, type Viewer } from '../auth/viewer.ts';
import { forbidden, unavailable } from '../errors.ts';

/**
 * What a viewer may see and control, as a value that the store translates into a predicate in its queries. Two viewers
 * with equal access see the same jobs.
 */
export interface Access {
  /** Whose jobs are visible: all users' jobs, or those of one user. */
  readonly sees: 'all' | { readonly userName: string };
  /**
   * Whose jobs can be controlled. `non-admins`: jobs of every user who is not an admin at that moment; `own`: the
   * viewer's own.
   */
  readonly controls: readonly Controls[];
  readonly userName: string;
}
export type Controls = 'all' | 'non-admins' | 'own';

export const accessOf = (viewer: Viewer, rules: { readonly ownersControlJobs: boolean }): Access => ({
  sees: viewer.isAdmin || seesAll(viewer) ? 'all' : { userName: viewer.name },
  controls: viewer.isAdmin
    ? ['all']
    : [
        ...(viewer.privileges.includes('CONTROLJOB') ? (['non-admins'] as const) : []),
        ...(rules.ownersControlJobs ? (['own'] as const) : []),
      ],
  userName: viewer.name,
});

const seesAll = (viewer: Viewer) => viewer.privileges.includes('VIEWJOB') || viewer.privileges.includes('CONTROLJOB');

/** The part of a job, or of an event, that determines who may see it. */
interface Owned {
  readonly userName: string;
}

export const maySee = (access: Access, owned: Owned) =>
  access.sees === 'all' || access.sees.userName === owned.userName;

export const mayControl = (access: Access, job: Owned & { readonly ownerIsAdmin: boolean }) =>
  access.controls.some(
    (controls) =>
      controls === 'all' ||
      (controls === 'non-admins' && !job.ownerIsAdmin) ||
      (controls === 'own' && job.userName === access.userName),
  );

/**
 * Rows of a database, in a changefeed or among the rejected rows of an import: visible to the creator of the job, while
 * the database is granted, and to admins, even if other users see or control the job. Of a job without a database: its own.
 */
export const mayReadRows = (viewer: Viewer, job: Owned & { readonly database: string | null }) =>
  viewer.isAdmin || (viewer.name === job.userName && (job.database === null || mayUseDatabase(viewer, job.database)));

/** Whether jobs of this user may use a database. For other users than those, the database does not exist. */
export const mayUseDatabase = (user: User, name: string) =>
  user.isAdmin || user.databases === 'all' || user.databases.includes(name);

type User = Grants & { readonly isAdmin: boolean };

/** Whether jobs of this user may use the file or folder of a URL. URLs of other schemes have no grants. */
const mayUseFile = ({ isAdmin, files }: User, url: string): boolean => {
  const path = /^nodelocal:\/\/(.*)$/is.exec(url)?.[1];
  if (path === undefined || isAdmin || files === 'all') return true;
  if (files === 'none') return false;
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
  return segmentsOf(files.folder).every((segment, at) => decoded(segments[at] ?? '') === segment);
};

/** Every URL of the folder of files in an input, at any depth. */
export const fileUrlsIn = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return /^nodelocal:/i.test(value) ? [value] : [];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(fileUrlsIn) : [];
};

export const segmentsOf = (folder: string): readonly string[] => folder.split('/').filter((segment) => segment !== '');

/** A segment that cannot be decoded is in no folder. */
const decoded = (segment: string): string | null => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
};

/** What a job or a question of a user may reach outside of its database. */
export interface Reach {
  /** The server's own keys are used only for what admins created, and only while their creators are admins. */
  readonly serverKeys: boolean;
  readonly files: FileGrant;
  readonly restoresTriggers: boolean;
}
export const reachOf = ({ isAdmin, files, privileges }: User & Pick<Viewer, 'privileges'>): Reach => ({
  serverKeys: isAdmin,
  files: isAdmin ? 'all' : files,
  restoresTriggers: isAdmin || privileges.includes('TRIGGERS'),
});

/** Work that the server does for itself: it removes what jobs left, whatever has been granted since. */
export const SERVER_REACH: Reach = { serverKeys: false, files: 'all', restoresTriggers: false };

/**
 * Why a job may not run now: a grant that its creator had at its creation has been taken away since. Null if it may.
 * @param urls those of its input
 */
export const lostGrant = (
  user: User & { readonly name: string },
  job: { readonly database: string | null; readonly makesDatabase: boolean; readonly urls: readonly string[] },
): string | null => {
  const resume = 'grant it again, then resume the job';
  if (job.database !== null && !job.makesDatabase && !mayUseDatabase(user, job.database)) {
    return `database ${job.database} is not granted to user ${user.name}: ${resume}`;
  }
  const file = job.urls.find((url) => !mayUseFile(user, url));
  return file === undefined ? null : `${file} is not granted to user ${user.name}: ${resume}`;
};

const mayCreateJobs = (viewer: Viewer) => viewer.isAdmin || viewer.privileges.includes('CREATEJOB');

/** @throws FORBIDDEN unless the viewer is an admin. `what` completes "only admins …". */
export const requireAdmin = (viewer: Viewer, what: string): void => {
  if (!viewer.isAdmin) throw forbidden(`user ${viewer.name} is not an admin: only admins ${what}`);
};

/** During maintenance only admins write. @throws UNAVAILABLE for others */
export const requireNoMaintenance = (viewer: Viewer, isMaintenance: boolean): void => {
  if (isMaintenance && !viewer.isAdmin) throw unavailable('the server is in maintenance: only admins change anything');
};

/** Admins see all users; others see only themselves. */
export const maySeeUser = (viewer: Viewer, name: string) => viewer.isAdmin || isSameName(viewer.name, name);

/** Jobs are created by admins and by users with CREATEJOB. @throws FORBIDDEN for others */
export const requireCreateJobs = (viewer: Viewer): void => {
  if (!mayCreateJobs(viewer)) throw forbidden(`user ${viewer.name} does not have the privilege CREATEJOB`);
};

/**
 * A schedule is managed by its owner, who may create such jobs anyway, and by those who control the jobs of its owner.
 */
export const mayManageSchedule = (viewer: Viewer, access: Access, owner: Parameters<typeof mayControl>[1]): boolean =>
  (viewer.name === owner.userName && mayCreateJobs(viewer)) || mayControl(access, owner);

/** What a schedule creates runs with what its owner may do. Only its owner and admins change it. */
export const mayChangeScheduledJob = (viewer: Viewer, owner: Owned): boolean =>
  viewer.isAdmin || viewer.name === owner.userName;

/**
 * `databases`, `database` and `backup` require the right to create jobs.
 * @throws FORBIDDEN for anyone else
 */
export const requireReadDatabases = (viewer: Viewer): void => {
  requireCreateJobs(viewer);
};

/** Equal for two viewers who see and control the same jobs. */
export const accessKey = ({ sees, controls, userName }: Access): string =>
  JSON.stringify([sees, controls, controls.includes('own') ? userName : null]);
