export { quote } from '../quote.ts';

/** Folds names so that those which SQLite treats as one are equal: it ignores the case of ASCII letters only. */
export const fold = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** Whether a name is reserved for SQLite or for jobs: other objects cannot use it, and no list shows it. */
export const isReserved = (name: string): boolean => /^(sqlite_|_signalbox_)/i.test(name);
