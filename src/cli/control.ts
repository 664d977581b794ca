/** `signalbox pause | resume | cancel`: previews the command, asks, and gives it for exactly what was previewed. */
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { Client, ControlOutcome } from '../client/index.ts';
import { type FilterOptions, selectorOf, withFilter } from './filter.ts';
import {
  print,
  printError,
  printJson,
  type ServerOptions,
  UsageError,
  withClient,
  withServer,
} from './server-options.ts';
import { jobsTable, tableOf } from './table.ts';

const COMMANDS = [
  ['pause', 'stop jobs at their next checkpoint, and keep it'],
  ['resume', 'let paused jobs continue'],
  ['cancel', 'stop jobs, undo their work, and end them'],
] as const;

interface Options extends ServerOptions, FilterOptions {
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly wait?: boolean;
  readonly json?: boolean;
  readonly reason?: string;
}

/** The exit code when jobs refused the command. */
const REFUSED = 3;

export const addControl = (program: Command): void => {
  for (const [name, description] of COMMANDS) {
    const command = program.command(`${name} [ids...]`).description(description);
    withServer(withFilter(command))
      .option('--all', 'all jobs that you see')
      .option('--reason <text>', 'kept with the events, and with a paused job')
      .option('--dry-run', 'show what would change, and change nothing')
      .option('--yes', 'do not ask')
      .option('--wait', 'wait until each job that changed is paused or has ended')
      .option('--json', 'print the outcome as JSON')
      .action((ids: readonly string[], options: Options) =>
        withClient(options, (client) => control(client, name, ids, options)),
      );
  }
};

type Name = (typeof COMMANDS)[number][0];

const control = async (client: Client, name: Name, ids: readonly string[], options: Options): Promise<void> => {
  const { reason, dryRun = false, json = false } = options;
  const jobs = selectorOf(ids, options);
  const given = reason === undefined ? {} : { reason };
  const preview = await client[name](jobs, { ...given, dryRun: true });
  if (dryRun) return report(preview, name, json);
  if (ids.length === 0 && options.yes !== true) await confirm(preview, name);
  const { selectedCount: expectedCount, cursor: unchangedSince } = preview;
  const guard = ids.length === 0 ? { expectedCount, unchangedSince } : {};
  const outcome = await client[name](jobs, { ...given, ...guard });
  report(outcome, name, json);
  if (options.wait !== true || outcome.changed.length === 0) return;
  const settled = await client.whenSettled(outcome.changed.map(({ jobId }) => jobId));
  if (json) for (const job of settled) printJson(job);
  else print(jobsTable(settled));
};

const confirm = async (preview: ControlOutcome, name: Name): Promise<void> => {
  if (!process.stdin.isTTY) throw new UsageError(`${sentence(preview, name)}. Pass --yes to do so without a question`);
  report(preview, name, false);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await lines.question(`${name} ${counted(preview.changedCount)}? [y/N] `);
  lines.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new UsageError('nothing was changed');
};

const counted = (count: number) => (count === 1 ? '1 job' : `${count} jobs`);
const DONE = { pause: 'paused', resume: 'resumed', cancel: 'canceled' } as const;

const sentence = ({ dryRun, changedCount, unchangedCount, refusedCount }: ControlOutcome, name: Name) => {
  const unchanged = unchangedCount === 0 ? '' : `, ${unchangedCount} already ${DONE[name]}`;
  const refused = refusedCount === 0 ? '' : `, ${refusedCount} refused`;
  const verb = dryRun ? `would ${name} ${counted(changedCount)}` : `${name}: ${counted(changedCount)} changed`;
  return `${verb}${unchanged}${refused}`;
};

const report = (outcome: ControlOutcome, name: Name, json: boolean): void => {
  if (outcome.refusedCount > 0) process.exitCode = REFUSED;
  if (json) {
    printJson(outcome);
    return;
  }
  print(sentence(outcome, name));
  const rows = outcome.changed.map(({ jobId, from, to }) => [jobId, from, to]);
  if (rows.length > 0) print(tableOf(['ID', 'FROM', 'TO'], rows));
  if (rows.length < outcome.changedCount) print(`… and ${outcome.changedCount - rows.length} more`);
  for (const { message } of outcome.refusals) printError(message);
};
