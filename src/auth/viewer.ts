import { badInput } from '../errors.ts';

export const PRIVILEGES = ['CREATEJOB', 'VIEWJOB', 'CONTROLJOB'] as const;
export type Privilege = (typeof PRIVILEGES)[number];

/** The user who sends a request. */
export interface Viewer {
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

interface UserChange {
  readonly name: string;
  readonly admin?: boolean | null | undefined;
  readonly privileges?: readonly Privilege[] | null | undefined;
}

/** @throws BAD_USER_INPUT for an empty change, and for a change that would remove root or its admin role */
export const checkUserChange = ({ name, admin, privileges }: UserChange): void => {
  if (admin == null && privileges == null) throw badInput('input', 'input changes nothing: give admin or privileges');
  if (isSameName(name, ROOT) && admin === false) {
    throw badInput('input.admin', `admin false is not allowed for user ${ROOT}`);
  }
};
