/** The files that `nodelocal:` URLs can name, as far as a viewer may use them. */
import type { Viewer } from '../auth/viewer.ts';
import { badInput, conflict, cutText, notFound } from '../errors.ts';
import { accessOf, fileUrlsIn, maySee, reachOf, requireCreateJobs } from '../jobs/access.ts';
import type { Job } from '../jobs/job.ts';
import type { Store } from '../store/store.ts';
import type { EnvironmentOf } from './databases.ts';
import { liveJobs } from './live-jobs.ts';

export interface FileInfo {
  /** The text behind `nodelocal:///`. */
  readonly path: string;
  readonly size: number;
  readonly modifiedAt: number;
}

/** The part of a folder of files that a user may reach. */
export interface FileScope {
  readonly filesDir: string;
  readonly within: readonly string[];
}

/** The folder of files itself. */
export interface FileFolder {
  /** In the order of their paths. */
  list(
    scope: FileScope,
    wanted: { readonly prefix: string; readonly after: string | null },
    signal?: AbortSignal,
  ): AsyncIterable<FileInfo>;
  /** Returns whether there was such a file. */
  remove(scope: FileScope, segments: readonly string[]): Promise<boolean>;
  /** Null for a text that is no path of a file. */
  segmentsOf(path: string): readonly string[] | null;
}

export interface Files {
  /** @throws FORBIDDEN without CREATEJOB */
  list(
    wanted: { readonly prefix: string; readonly after: string | null; readonly limit: number },
    viewer: Viewer,
    signal?: AbortSignal,
  ): Promise<{ readonly files: readonly FileInfo[]; readonly more: boolean }>;
  /** @throws CONFLICT while a job that has not ended uses the file */
  requireUnused(path: string, segments: readonly string[], viewer: Viewer): Promise<void>;
  /** @throws FORBIDDEN without CREATEJOB; NOT_FOUND; CONFLICT while a job that has not ended uses it */
  delete(path: string, viewer: Viewer): Promise<void>;
}

export interface FilesOptions {
  readonly store: Store;
  readonly folder: FileFolder;
  readonly environmentOf: EnvironmentOf;
  readonly ownersControlJobs: boolean;
}

const LONGEST_PATH = 8_000;

export const createFiles = ({ store, folder, environmentOf, ownersControlJobs }: FilesOptions): Files => {
  const scopeOf = (viewer: Viewer): FileScope | null => {
    requireCreateJobs(viewer);
    const { filesDir, filesFolder: within } = environmentOf(null, reachOf(viewer));
    return within === null ? null : { filesDir, within };
  };
  const requireUnused = async (path: string, segments: readonly string[], viewer: Viewer) => {
    const job = await liveJob(store, (one) => uses(one, segments, folder));
    if (job === null) return;
    const isVisible = maySee(accessOf(viewer, { ownersControlJobs }), job);
    const name = isVisible ? `job ${job.id}` : 'another job';
    throw conflict(
      `file ${JSON.stringify(cutText(path, 200))} is in use: wait until ${name} has ended, or cancel it`,
      isVisible ? { jobId: job.id } : {},
    );
  };
  return {
    requireUnused,
    list: async ({ limit, ...wanted }, viewer, signal) => {
      const scope = scopeOf(viewer);
      const files: FileInfo[] = [];
      if (scope === null) return { files, more: false };
      for await (const file of folder.list(scope, wanted, signal)) {
        if (files.length === limit) return { files, more: true };
        files.push(file);
      }
      return { files, more: false };
    },
    delete: async (path, viewer) => {
      const scope = scopeOf(viewer);
      const missing = notFound(`file ${JSON.stringify(cutText(path, 200))} does not exist`);
      if (path.length > LONGEST_PATH) {
        throw badInput('input.path', `path has ${path.length} characters: at most ${LONGEST_PATH} are allowed`);
      }
      const segments = folder.segmentsOf(path);
      if (scope === null || segments === null) throw missing;
      if (scope.within.some((segment, at) => segments[at] !== segment)) throw missing;
      await requireUnused(path, segments, viewer);
      if (!(await folder.remove(scope, segments))) throw missing;
    },
  };
};
/**
 * Whether a job reads or writes the file, or a folder that it is in. A changefeed only adds files, and never ends by
 * itself: those that it has written may go.
 */
const uses = ({ type, inputJson, details }: Job, segments: readonly string[], { segmentsOf }: FileFolder): boolean =>
  type !== 'CHANGEFEED' &&
  fileUrlsIn([inputJson, details]).some((url) => {
    const used = segmentsOf(url.replace(/^nodelocal:\/\/(1|self)?\/?/i, ''));
    return used?.every((segment, at) => segments[at] === segment) ?? false;
  });

/** The first job that has not ended and matches. */
const liveJob = async (store: Store, matches: (job: Job) => boolean): Promise<Job | null> => {
  for await (const job of liveJobs(store)) if (matches(job)) return job;
  return null;
};
