import { sqlError } from './errors.ts';

/** A statement that was canceled by its user, or whose connection has ended. */
export const canceled = () => sqlError('canceled', 'canceling statement due to user request');
