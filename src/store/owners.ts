/** Reads the owner of a job, and what the jobs of a user may use. */
import type { FileGrant, Grants } from '../auth/viewer.ts';
import type { Job, User } from './stored.ts';

type GrantColumns = Pick<User, 'allDatabases' | 'allFiles' | 'filesFolder'>;

/** The columns are null if the user does not exist. */
export type OwnerRow = Pick<Job, 'userName'> & {
  readonly [K in keyof GrantColumns | 'isAdmin' | 'privileges']: User[K] | null;
} & { readonly granted: string };

export const readOwner = (row: OwnerRow) => ({
  name: row.userName,
  isAdmin: row.isAdmin ?? false,
  privileges: JSON.parse(row.privileges ?? '[]'),
  ...readGrants(row, JSON.parse(row.granted)),
});

export const readGrants = (
  { allDatabases, allFiles, filesFolder }: { readonly [K in keyof GrantColumns]: User[K] | null },
  granted: readonly string[],
): Grants => ({ databases: allDatabases ? 'all' : granted, files: filesOf(allFiles ?? false, filesFolder) });

const filesOf = (all: boolean, folder: string | null): FileGrant => {
  if (all) return 'all';
  return folder === null ? 'none' : { folder };
};

/** The columns of a user that hold grants. */
export const grantColumns = ({ databases, files }: Partial<Grants>) => ({
  ...(databases === undefined ? {} : { allDatabases: databases === 'all' }),
  ...(files === undefined
    ? {}
    : { allFiles: files === 'all', filesFolder: typeof files === 'object' ? files.folder : null }),
});
