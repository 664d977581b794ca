import { badInput, cutText } from '../errors.ts';

export const PRIVILEGES = ['CREATEJOB', 'VIEWJOB', 'CONTROLJOB', 'TRIGGERS'] as const;
export type Privilege = (typeof PRIVILEGES)[number];

/** What the jobs of a user may use. Admins may use everything, whatever is granted to them. */
export interface Grants {
  /** The names of databases. */
  readonly databases: 'all' | readonly string[];
  readonly files: FileGrant;
}

/** The files that `nodelocal:` URLs may name: all, those below one folder, or none. */
export type FileGrant = 'all' | 'none' | { readonly folder: string };

/** The user who sends a request. */
export interface Viewer extends Grants {
  readonly name: string;
  readonly isAdmin: boolean;
  readonly privileges: readonly Privilege[];
}

/** A user as it is stored. */
export interface User extends Viewer {
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** Always exists, and is always an admin. */
export const ROOT = 'root';

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}$/;

/** Names are compared without case. A name that is valid has ASCII letters only. */
export const foldName = (name: string): string => name.toLowerCase();
export const isSameName = (one: string, other: string): boolean => foldName(one) === foldName(other);

export const isUserName = (name: string): boolean => NAME.test(name);

/** @throws BAD_USER_INPUT for an invalid user name */
export const checkUserName = (name: string): void => {
  if (isUserName(name)) return;
  throw badInput('input.name', `name ${JSON.stringify(name)} must have 1 to 64 letters, digits, and _ . @ -`);
};

/** @throws BAD_USER_INPUT for root, whatever its case */
export const checkNotRoot = (name: string, field: string): void => {
  if (isSameName(name, ROOT)) throw badInput(field, `user ${ROOT} cannot be deleted`);
};

/** @throws BAD_USER_INPUT for a text that names no folder below `files/` */
export const checkFolder = (folder: string): void => {
  const segments = folder.split('/');
  const isWrong = (segment: string) => ['', '.', '..'].includes(segment) || /[\\\0]/.test(segment);
  if (folder.length <= 1_024 && folder.isWellFormed() && !segments.some(isWrong)) return;
  const shown = JSON.stringify(cutText(folder, 100));
  throw badInput('input.files.folder', `folder ${shown} must be a path below files/, such as team/ann`);
};

interface UserChange extends Partial<Grants> {
  readonly name: string;
  readonly admin?: boolean | null | undefined;
  readonly privileges?: readonly Privilege[] | null | undefined;
}

/** @throws BAD_USER_INPUT for an empty change, and for a change that would remove root or its admin role */
export const checkUserChange = ({ name, admin, privileges, databases, files }: UserChange): void => {
  if (admin == null && privileges == null && databases === undefined && files === undefined) {
    throw badInput('input', 'input changes nothing: give admin, privileges, databases or files');
  }
  if (isSameName(name, ROOT) && admin === false) {
    throw badInput('input.admin', `admin false is not allowed for user ${ROOT}`);
  }
};
