export { quote } from '../quote.ts';
export { isReserved } from '../reserved.ts';

/** Folds names so that those which SQLite treats as one are equal: it ignores the case of ASCII letters only. */
export const fold = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
