import { fold } from '../../../databases/sqlite/names.ts';
import type { Change } from '../details.ts';

/** Tracks a table and its columns across the changes. */
export interface Track {
  /** Its name before all changes, and after them. */
  readonly from: string;
  readonly to: string;
  readonly columns: readonly { readonly name: string; readonly from: string | null }[];
  /** Indexes were created or dropped, or constraints were added. */
  readonly isRebuilt: boolean;
  /** The folded names of the checks that were added. */
  readonly checks: readonly string[];
  /** The changes that added foreign keys, by their place in the input. */
  readonly foreignKeys: readonly string[];
}

export const trackOf = (table: string, columns: readonly string[]): Track => ({
  from: table,
  to: table,
  columns: columns.map((name) => ({ name, from: name })),
  isRebuilt: false,
  checks: [],
  foreignKeys: [],
});

/** The track after a change. `current` are the columns that the table now has. */
export const followed = (track: Track, change: Change, current: readonly string[], path: string): Track => {
  const foreignKeys = change.what === 'addForeignKey' ? [...track.foreignKeys, path] : track.foreignKeys;
  const next = { ...track, ...edited(track, change), foreignKeys };
  if (next.columns.map(({ name }) => name).join('\0') !== current.join('\0')) {
    throw new Error('columns are not where they should be');
  }
  return next;
};

const edited = ({ columns, checks }: Track, change: Change): Partial<Track> => {
  switch (change.what) {
    case 'addColumn':
      return { columns: [...columns, { name: change.column.name, from: null }] };
    case 'dropColumn':
      return { columns: columns.filter(({ name }) => fold(name) !== fold(change.column)) };
    case 'renameColumn':
      return {
        columns: columns.map((one) => (fold(one.name) === fold(change.column) ? { ...one, name: change.to } : one)),
      };
    case 'renameTable':
      return { to: change.to };
    case 'addCheck':
      return { isRebuilt: true, checks: [...checks, fold(change.name)] };
    case 'createIndex':
    case 'dropIndex':
    case 'addUnique':
    case 'addForeignKey':
      return { isRebuilt: true };
    case 'alterColumn':
      return {};
  }
};
