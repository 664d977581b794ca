/** Reads the owner of a job, and what the jobs of a user may use. */
import type { FileGrant, Grants, User } from '../auth/viewer.ts';
import { conflict } from '../errors.ts';
import { instantOf } from './rows.ts';
import type { Job, Stored, User as UserColumns } from './stored.ts';

type GrantColumns = Pick<UserColumns, 'allDatabases' | 'allFiles' | 'filesFolder'>;

/** The columns are null if the user does not exist. */
export type OwnerRow = Pick<Job, 'userName'> & {
  readonly [K in keyof GrantColumns | 'isAdmin' | 'privileges']: UserColumns[K] | null;
} & { readonly granted: string };

export const readOwner = (row: OwnerRow) => ({
  name: row.userName,
  isAdmin: row.isAdmin ?? false,
  privileges: JSON.parse(row.privileges ?? '[]'),
  ...readGrants(row, JSON.parse(row.granted)),
});

const readGrants = (
  { allDatabases, allFiles, filesFolder }: { readonly [K in keyof GrantColumns]: UserColumns[K] | null },
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

export const readUser = (row: Stored<UserColumns>, granted: readonly string[]): User => ({
  name: row.name,
  isAdmin: row.isAdmin,
  privileges: JSON.parse(row.privileges),
  ...readGrants(row, granted),
  createdAt: instantOf(row.createdAt),
});

/** A user in the audit log. */
export const shownUser = ({ isAdmin, privileges, databases, files }: Omit<User, 'createdAt'>) => ({
  isAdmin,
  privileges,
  databases,
  files,
});

/** Of a user who signs in for the first time. */
export const NO_RIGHTS = { isAdmin: false, privileges: [], databases: [], files: 'none' } as const;

export const nameInUse = (name: string) => conflict(`user ${name} already exists`);
export const nameRetired = (name: string) =>
  conflict(`the name ${name} belonged to a user who was deleted: jobs or events may still have it`);
