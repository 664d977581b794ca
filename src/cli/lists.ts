/** `signalbox jobs | job | watch | follow`: what people and programs read. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { CursorStore, JobChange } from '../client/index.ts';
import { visible } from '../terminal.ts';
import { type FilterOptions, filterOf, withFilter } from './filter.ts';
import { print, printError, printJson, type ServerOptions, withClient, withServer } from './server-options.ts';
import { jobDetails, jobsTable } from './table.ts';

interface Options extends ServerOptions, FilterOptions {
  readonly json?: boolean;
}

export const addLists = (program: Command): void => {
  withServer(withFilter(program.command('jobs').description('list jobs, newest first')))
    .option('--limit <count>', 'at most so many', Number, 100)
    .option('--json', 'print each job as a line of JSON')
    .action((options: Options & { readonly limit: number }) => listJobs(options));
  withServer(program.command('job <id>').description('show everything about a job'))
    .option('--json', 'print it as JSON')
    .action((id: string, options: Options) => showJob(id, options));
  withServer(withFilter(program.command('watch').description('show a list of jobs that stays up to date')))
    .option('--json', 'print the whole list as a line of JSON each time that it changes')
    .action((options: Options) => watchJobs(options));
  withServer(program.command('follow').description('print every change of status, in order, without end'))
    .option('--after <cursor>', 'start after this cursor: 0000000000000000 for the whole log')
    .option('--cursor-file <file>', 'keep the cursor there, and continue from it at the next start')
    .option('--json', 'print each change as a line of JSON')
    .action((options: FollowOptions) => followJobs(options));
};

const listJobs = (options: Options & { readonly limit: number }) =>
  withClient(options, async (client) => {
    const jobs = [];
    for await (const job of client.jobs(filterOf(options))) {
      if (options.json) printJson(job);
      else jobs.push(job);
      options = { ...options, limit: options.limit - 1 };
      if (options.limit <= 0) break;
    }
    if (!options.json) print(jobsTable(jobs));
  });

const showJob = (id: string, options: Options) =>
  withClient(options, async (client) => {
    const job = await client.job(id);
    if (job === null) throw new Error(`job ${id} does not exist, or you may not see it`);
    if (options.json) printJson(job);
    else print(jobDetails(job));
  });

const onReconnect = (reason: Error) => printError(`connecting again: ${reason.message}`);

const CLEAR = '\u001b[2J\u001b[H';

const watchJobs = (options: Options) =>
  withClient(options, async (client) => {
    for await (const jobs of client.watch(filterOf(options), { onReconnect })) {
      if (options.json) printJson(jobs);
      else print(`${process.stdout.isTTY ? CLEAR : ''}${jobsTable(jobs)}`);
    }
  });

interface FollowOptions extends Options {
  readonly after?: string;
  readonly cursorFile?: string;
}

const followJobs = ({ after, cursorFile, json, ...server }: FollowOptions) =>
  withClient(server, async (client) => {
    const position = {
      ...(after !== undefined && { after }),
      ...(cursorFile !== undefined && { store: cursorIn(cursorFile) }),
    };
    for await (const change of client.follow({ ...position, onReconnect })) {
      if (json) printJson(change);
      else print(lineOf(change));
    }
  });

const lineOf = ({ cursor, at, jobId, from, to, command, actor, reason, error }: JobChange): string => {
  const why = [reason, error].flatMap((text) => (text == null ? [] : [JSON.stringify(text)]));
  const by = command == null ? `by ${actor.name}` : `${command} by ${actor.name}`;
  return visible([cursor, at, jobId, from ?? 'NEW', '→', to, by, ...why].join(' '));
};

/** The file is replaced, so that it always has a whole cursor. */
const cursorIn = (file: string): CursorStore => ({
  read: () => (existsSync(file) ? readFileSync(file, 'utf8').trim() : null),
  write: (cursor) => {
    writeFileSync(`${file}.new`, cursor);
    renameSync(`${file}.new`, file);
  },
});
