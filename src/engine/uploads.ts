/** What a user may upload into the folder of files. Uploads need the same rights as jobs that read them. */
import type { Identity } from '../auth/identity.ts';
import { checkScope } from '../auth/scope.ts';
import type { Viewer } from '../auth/viewer.ts';
import { badInput, conflict, cutText, forbidden, tooMany } from '../errors.ts';
import { reachOf, requireCreateJobs, requireNoMaintenance } from '../jobs/access.ts';
import type { EnvironmentOf } from './databases.ts';
import type { FileFolder, FileScope, Files } from './files.ts';

/** The folder of files, for those who put files into it. */
export interface UploadFolder extends Pick<FileFolder, 'list'> {
  /** The path of the segments: the text behind `nodelocal:///`. */
  pathOf(segments: readonly string[]): string;
  isTaken(scope: FileScope, segments: readonly string[]): Promise<boolean>;
  /** Returns false if the name is taken and the file is not to be replaced. */
  moveInto(
    scope: FileScope,
    segments: readonly string[],
    file: string,
    how: { readonly replace: boolean },
  ): Promise<boolean>;
}

export interface UploadsOptions {
  readonly folder: UploadFolder;
  readonly files: Files;
  readonly environmentOf: EnvironmentOf;
  readonly maintenance: boolean;
  /** What the whole folder of files may hold, unfinished uploads included. */
  readonly maxFilesBytes: number;
}

interface Target {
  /** The name that was given: a path below the user's folder. */
  readonly name: string;
  readonly replace: boolean;
}

export type Uploads = ReturnType<typeof createUploads>;

const NAME = 'metadata.filename';

export const createUploads = ({ folder, files, environmentOf, maintenance, maxFilesBytes }: UploadsOptions) => {
  const check = (viewer: Viewer, { scope }: Identity): void => {
    checkScope(scope, { operation: 'mutation', name: 'upload', args: {} });
    requireNoMaintenance(viewer, maintenance);
    requireCreateJobs(viewer);
  };
  const placeOf = (viewer: Viewer, name: string) => {
    const { filesDir, filesFolder: within } = environmentOf(null, reachOf(viewer));
    if (within === null) throw forbidden(`no folder of files has been granted to user ${viewer.name}`);
    const segments = name.split('/');
    const isWrong = (one: string) =>
      ['', '.', '..'].includes(one) || /[\\\p{Cc}]/u.test(one) || one.startsWith('.signalbox-') || !one.isWellFormed();
    if (name.length > 1_024 || segments.some(isWrong) || segments.some((one) => Buffer.byteLength(one) > 255)) {
      throw badInput(NAME, `filename ${JSON.stringify(cutText(name, 100))} must be a path such as in/orders.csv`);
    }
    return { scope: { filesDir, within }, segments: [...within, ...segments] };
  };
  const taken = (segments: readonly string[]) =>
    conflict(`file ${folder.pathOf(segments)} already exists: choose another name, or upload with overwrite true`);

  return {
    check,
    /**
     * Before the first byte. `unfinishedBytes` is what all unfinished uploads may still become.
     * @throws FORBIDDEN, BAD_USER_INPUT, CONFLICT, TOO_MANY
     */
    begin: async (
      { name, replace }: Target,
      size: number,
      unfinishedBytes: number,
      viewer: Viewer,
      identity: Identity,
    ): Promise<void> => {
      check(viewer, identity);
      const { scope, segments } = placeOf(viewer, name);
      if (!replace && (await folder.isTaken(scope, segments))) throw taken(segments);
      let used = unfinishedBytes + size;
      for await (const file of folder.list({ filesDir: scope.filesDir, within: [] }, EVERYTHING)) used += file.size;
      if (used > maxFilesBytes) {
        throw tooMany(
          `the files would have ${used} bytes with this one: at most ${maxFilesBytes} are allowed (MAX_FILES_BYTES)`,
        );
      }
    },
    /** Puts a complete file into its place, and returns its URL. @throws as `begin` does */
    finish: async (file: string, { name, replace }: Target, viewer: Viewer, identity: Identity): Promise<string> => {
      check(viewer, identity);
      const { scope, segments } = placeOf(viewer, name);
      const path = folder.pathOf(segments);
      if (replace) await files.requireUnused(path, segments, viewer);
      if (!(await folder.moveInto(scope, segments, file, { replace }))) throw taken(segments);
      return `nodelocal:///${path}`;
    },
  };
};

const EVERYTHING = { prefix: '', after: null } as const;
