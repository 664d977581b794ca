export const PRIVILEGES = ['CREATEJOB', 'VIEWJOB', 'CONTROLJOB'] as const;
export type Privilege = (typeof PRIVILEGES)[number];

/** Who asks. */
export interface Viewer {
  readonly name: string;
  readonly isAdmin: boolean;
  readonly privileges: readonly Privilege[];
}

/** A viewer as the store keeps it. */
export interface User extends Viewer {
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** Exists from the start, is an admin, and stays one. */
export const ROOT = 'root';
