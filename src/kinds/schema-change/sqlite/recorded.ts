/** How many changes of writers a job has recorded and not yet carried over. */

import { quote } from '../../../databases/sqlite/names.ts';
import { isTable, ownerIn } from '../../../databases/sqlite/own-names.ts';
import { fileOf } from '../../../databases/sqlite/place.ts';
import { readDatabase } from '../../../databases/sqlite/read-database.ts';
import type { Environment } from '../../../jobs/kind.ts';
import { copyNames } from './names.ts';

export const recorded = (environment: Pick<Environment, 'database'>, database: string, jobId: string): number =>
  readDatabase(fileOf(environment), database, (sql) => {
    const owner = ownerIn(sql, jobId);
    let sum = 0;
    for (let n = 0; owner !== null && isTable(sql, copyNames(owner, n).log); n++) {
      // They are numbered without gaps, and the first ones are removed first.
      const count = sql.prepare(`SELECT coalesce(max(seq) - min(seq) + 1, 0) FROM ${quote(copyNames(owner, n).log)}`);
      sum += count.pluck().get() as number;
    }
    return sum;
  });
