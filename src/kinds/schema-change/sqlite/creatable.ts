import Sqlite from 'better-sqlite3';
import { show } from '../../../databases/show.ts';
import { fold } from '../../../databases/sqlite/names.ts';
import { createPortable } from '../../../databases/sqlite/portable.ts';
import { badInput, messageOf } from '../../../errors.ts';
import type { Change } from '../details.ts';

interface Creatable {
  readonly name: string;
  readonly to: string;
  readonly copied: string;
  readonly after: {
    readonly sql: string;
    readonly indexes: readonly { readonly name: string; readonly sql: string }[];
  };
  readonly isCopied: boolean;
}

/**
 * Checks that the tables that are copied, and their indexes, need no function and no collation that this program lacks.
 * @throws badInput naming the first table that does
 */
export const checkCreatable = (tables: readonly Creatable[], changes: readonly Change[]): void => {
  for (const { name, to, copied, after, isCopied } of tables) {
    if (!isCopied) continue;
    const objects = [
      { type: 'table', name, sql: copied },
      ...after.indexes.map((index) => ({ ...index, type: 'index' })),
    ];
    const sql = new Sqlite(':memory:');
    try {
      sql.pragma('trusted_schema = OFF');
      for (const object of objects) {
        try {
          createPortable(sql, object.sql);
        } catch (error) {
          const at = changes.findIndex(({ table }) => [name, to].some((one) => fold(one) === fold(table)));
          const field = `input.changes.${at}.${changes[at]?.what}.table`;
          throw badInput(field, `${object.type} ${show(object.name)} cannot be recreated here: ${messageOf(error)}`);
        }
      }
    } finally {
      sql.close();
    }
  }
};
