/** `signalbox import FILE`: sends the file, previews it, asks, imports it, and shows the progress. */
import { existsSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { Client } from '../client/index.ts';
import { createProgress } from './progress.ts';
import { counts, untilEnded } from './run-job.ts';
import {
  credentialsOf,
  print,
  printError,
  printJson,
  type ServerOptions,
  UsageError,
  withClient,
  withServer,
} from './server-options.ts';
import { tableOf } from './table.ts';
import { uploadFile } from './upload.ts';

interface Options extends ServerOptions {
  readonly database: string;
  readonly table: string;
  readonly onConflict?: string;
  readonly rejectLimit: number;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export const addImport = (program: Command): void => {
  withServer(program.command('import <file>').description('import a file or a URL into a table, after a preview'))
    .requiredOption('--database <name>', 'the database')
    .requiredOption('--table <name>', 'the table: created with the columns of the preview if it does not exist')
    .option('--on-conflict <policy>', 'FAIL, SKIP, REPLACE or UPDATE')
    .option('--reject-limit <count>', 'so many bad rows are set aside before the import fails', Number, 0)
    .option('--yes', 'do not ask')
    .option('--json', 'print the job as JSON at the end')
    .action((file: string, options: Options) => withClient(options, (client) => importFile(client, file, options)));
};

const importFile = async (client: Client, file: string, options: Options): Promise<void> => {
  const isUrl = /^[a-z0-9]+:\/\//i.test(file);
  if (!isUrl && !(existsSync(file) && statSync(file).isFile())) throw new UsageError(`${file}: there is no such file`);
  if (options.yes !== true && !process.stdin.isTTY) throw new UsageError('pass --yes to import without a question');
  const exists = await hasTable(client, options);
  const path = isUrl ? null : await uploadFile(client, file, credentialsOf(options), createProgress());
  const source = path === null ? file : `nodelocal:///${path.split('/').map(encodeURIComponent).join('/')}`;
  const remove = async () => {
    if (path !== null) await client.request(DELETE_FILE, { input: { path } });
  };
  try {
    const preview = await previewOf(client, source, options, exists);
    showPreview(preview, options.json === true);
    if (options.yes !== true && !(await agrees(options, exists))) return await remove();
    const id = await create(client, source, preview, options, exists);
    const job = await untilEnded(client, id);
    if (options.json === true) printJson(job);
    else print(`${job.status}: ${counts(job)}`);
    if (job.status === 'SUCCEEDED') return await remove();
    if (job.status !== 'PAUSED') await remove();
    printError(job.error ?? job.pauseReason ?? '');
    process.exitCode = 1;
  } catch (error) {
    await remove().catch(() => undefined);
    throw error;
  }
};

const DELETE_FILE = 'mutation ($input: DeleteFileInput!) { deleteFile(input: $input) { path } }';

const hasTable = async (client: Client, { database, table }: Options): Promise<boolean> => {
  const query = 'query ($name: String!) { database(name: $name) { tables { name } } }';
  interface Found {
    readonly database: { readonly tables: readonly { readonly name: string }[] } | null;
  }
  const { database: found } = await client.request<Found>(query, { name: database });
  if (found === null) throw new Error(`database ${database} does not exist, or you may not use it`);
  return found.tables.some(({ name }) => name.toLowerCase() === table.toLowerCase());
};

interface Preview {
  readonly format: string;
  readonly compression: string;
  readonly encoding: string;
  readonly delimiter: string | null;
  readonly quote: string | null;
  readonly escape: string | null;
  readonly comment: string | null;
  readonly header: boolean | null;
  readonly skip: number | null;
  readonly columns: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[];
  readonly rows: readonly (readonly unknown[])[];
  readonly problems: readonly { readonly line: number; readonly reason: string }[];
}

const previewOf = async (client: Client, source: string, { database, table }: Options, exists: boolean) => {
  const query = `query ($input: ImportPreviewInput!) { importPreview(input: $input) {
    format compression encoding delimiter quote escape comment header skip
    columns { name type nullable } rows problems { line reason }
  } }`;
  const input = { sources: [source], rows: 5, ...(exists && { database, table }) };
  return (await client.request<{ importPreview: Preview }>(query, { input })).importPreview;
};

const showPreview = (preview: Preview, isQuiet: boolean): void => {
  if (isQuiet) return;
  const { format, compression, encoding, delimiter } = preview;
  const dialect = delimiter === null ? '' : `, delimiter ${JSON.stringify(delimiter)}`;
  print(`${format}${compression === 'NONE' ? '' : `, ${compression}`}, ${encoding}${dialect}`);
  const header = preview.columns.map(({ name, type }) => `${name} ${type}`);
  print(
    tableOf(
      header,
      preview.rows.map((row) => row.map((value) => (value === null ? 'NULL' : String(value)))),
    ),
  );
  for (const { line, reason } of preview.problems) printError(`line ${line}: ${reason}`);
};

const agrees = async ({ table }: Options, exists: boolean): Promise<boolean> => {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await lines.question(`Import into ${exists ? '' : 'the new '}table ${table}? [y/N] `);
  lines.close();
  return /^y(es)?$/i.test(answer.trim());
};

const create = async (client: Client, source: string, preview: Preview, options: Options, exists: boolean) => {
  const { format, compression, encoding, columns, ...dialect } = preview;
  const { delimiter, quote, comment, header, skip } = dialect;
  const csv = delimiter === null ? {} : { csv: { delimiter, quote, escape: dialect.escape, comment, header, skip } };
  const input = {
    database: options.database,
    table: options.table,
    sources: [source],
    format,
    decompress: compression,
    encoding,
    rejectLimit: options.rejectLimit,
    ...csv,
    ...(options.onConflict !== undefined && { onConflict: options.onConflict.toUpperCase() }),
    ...(!exists && { columns }),
  };
  const query = 'mutation ($input: CreateImportInput!) { createImport(input: $input) { job { id } } }';
  interface Made {
    readonly createImport: { readonly job: { readonly id: string } };
  }
  return (await client.request<Made>(query, { input })).createImport.job.id;
};
