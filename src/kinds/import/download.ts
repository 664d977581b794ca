/**
 * The rejected rows of an import as a file at `/rejects/<id of the job>`. It begins with the skipped lines and the header
 * of the source, so that an import with the same options reads it. It is UTF-8; where a text can have another encoding, a
 * byte order mark overrides the one in the options. A header of more than 64 KiB is left out, which the name says.
 */
import { badInput, forbidden, notFound, unavailable } from '../../errors.ts';
import type { Context } from '../../graphql/context.ts';
import { mayReadRows, SERVER_REACH } from '../../jobs/access.ts';
import { detailsReader } from '../../jobs/declare.ts';
import type { Job } from '../../jobs/job.ts';
import { DETAILS, type Details, type Source } from './details.ts';
import { placesOf, type RejectText } from './port.ts';

/** The beginning of the paths of these files. */
export const DOWNLOADS = '/rejects/';

export interface Download {
  readonly type: string;
  readonly fileName: string;
  readonly pieces: AsyncIterable<string>;
}

const detailsOf = detailsReader(DETAILS);

/** @throws NOT_FOUND, FORBIDDEN; UNAVAILABLE if the database cannot be read now */
export const downloadRejects = async (name: string, context: Context): Promise<Download> => {
  const [jobId = '', query] = name.split('?');
  const viewer = context.viewer();
  const job = await context.jobs.load(jobId);
  if (job === null || job.type !== 'IMPORT') throw notFound(`import ${jobId} does not exist`);
  if (!mayReadRows(viewer, job)) {
    throw forbidden(`user ${viewer.name} may not read rejected rows: the creator of the job and admins may`);
  }
  const details = detailsOf(job);
  const only = sourceIn(details, query);
  const read = await rejectReader(job, context);
  // The first rows are read before anything is sent, so that an error is an answer of its own.
  const first = await read(0);
  const isObjects = ['NDJSON', 'JSON', 'PARQUET'].includes(details.format);
  const [type, extension] = isObjects ? ['application/x-ndjson', 'ndjson'] : ['text/csv', 'csv'];
  const { head = '', isHeadCut = false } = only ?? details.sources[0] ?? {};
  return {
    type: `${type}; charset=utf-8`,
    fileName: `rejects-${job.id}${isHeadCut ? '-without-header' : ''}.${extension}`,
    pieces: piecesOf(first, only, isObjects ? '' : `\ufeff${head}`, read),
  };
};

async function* piecesOf(
  first: readonly RejectText[],
  only: Source | null,
  head: string,
  read: (after: number) => Promise<readonly RejectText[]>,
): AsyncGenerator<string, void, void> {
  yield head;
  for (let rows = first; rows.length > 0; rows = await read(rows.at(-1)?.id ?? 0)) {
    const wanted = only === null ? rows : rows.filter(({ source }) => source === only.url);
    yield wanted.map(({ text }) => `${text}\n`).join('');
  }
}

/** The source that `?source=2` names; null for all, whose headers must be the same. @throws badInput */
const sourceIn = ({ sources }: Details, query = ''): Source | null => {
  const given = new URLSearchParams(query).get('source');
  const found = sources[Number(given) - 1];
  if (found !== undefined) return found;
  const numbers = `from 1 to ${sources.length}, in the order of the sources`;
  if (given !== null) throw badInput('source', `source ${JSON.stringify(given)} must be a number ${numbers}`);
  if (new Set(sources.map(({ head }) => head ?? '')).size <= 1) return null;
  throw badInput('source', `the sources have different headers: add ?source= and a number ${numbers}`);
};

const rejectReader = async ({ id, database: name }: Job, { store, runner, environmentOf }: Context) => {
  const database = (await store.databases()).find((known) => known.name === name);
  if (database === undefined) throw unavailable(`database ${name} is no longer registered`);
  const places = placesOf(environmentOf(database, SERVER_REACH));
  return (after: number) =>
    runner.ask<readonly RejectText[]>('IMPORT', 'rejectTexts', places, database.name, id, after);
};
