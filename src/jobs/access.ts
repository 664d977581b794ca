import { isSameName, type Viewer } from '../auth/viewer.ts';
import { forbidden } from '../errors.ts';

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

/** The rows of a changefeed are visible to its creator and to admins, even if other users see or control the job. */
export const mayReadFeed = (viewer: Viewer, owned: Owned) => viewer.isAdmin || viewer.name === owned.userName;

const mayCreateJobs = (viewer: Viewer) => viewer.isAdmin || viewer.privileges.includes('CREATEJOB');

/** @throws FORBIDDEN unless the viewer is an admin. `what` completes "only admins …". */
export const requireAdmin = (viewer: Viewer, what: string): void => {
  if (!viewer.isAdmin) throw forbidden(`user ${viewer.name} is not an admin: only admins ${what}`);
};

/** Admins see all users; others see only themselves. */
export const maySeeUser = (viewer: Viewer, name: string) => viewer.isAdmin || isSameName(viewer.name, name);

/** Jobs are created by admins and by users with CREATEJOB. @throws FORBIDDEN for others */
export const requireCreateJobs = (viewer: Viewer): void => {
  if (!mayCreateJobs(viewer)) throw forbidden(`user ${viewer.name} does not have the privilege CREATEJOB`);
};

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
