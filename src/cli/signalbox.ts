#!/usr/bin/env node
/** The command `signalbox`. Exit codes: 0 done, 1 an error, 2 a wrong option, 3 jobs that refused. */
import { Command, CommanderError } from 'commander';
import { VERSION } from '../app/assets.ts';
import { ApiError } from '../client/index.ts';
import { messageOf } from '../errors.ts';
import { addAdministration } from './administer.ts';
import { addBackups } from './backups.ts';
import { addCompletion } from './completion.ts';
import { addControl } from './control.ts';
import { addDoctor } from './doctor.ts';
import { addImport } from './import.ts';
import { addLists } from './lists.ts';
import { addMcp } from './mcp.ts';
import { printError, UsageError } from './server-options.ts';
import { addSql } from './sql.ts';
import { addTorture } from './torture.ts';

const program = new Command('signalbox')
  .description('Runs long database jobs, and pauses, resumes and cancels them while they run.')
  .version(VERSION)
  .exitOverride()
  .showHelpAfterError('(--help lists the options)');

program
  .command('serve')
  .description('run the server; signalbox serve --help lists its options')
  .helpOption(false)
  .allowUnknownOption()
  .allowExcessArguments()
  .action(() => runAs(() => import('../main.ts')));
program
  .command('token')
  .description('create a token in the job store of this machine; signalbox token --help lists its options')
  .helpOption(false)
  .allowUnknownOption()
  .allowExcessArguments()
  .action(() => runAs(() => import('./token.ts')));
program
  .command('copy-store')
  .description('copy a job store, as from a file to PostgreSQL; signalbox copy-store --help lists its options')
  .helpOption(false)
  .allowUnknownOption()
  .allowExcessArguments()
  .action(() => runAs(() => import('./copy-store.ts')));
program
  .argument('[file]', 'a SQLite database: serves it until Ctrl-C, and leaves nothing behind')
  .option('--port <number>', 'with a file, where to listen', Number, 4000)
  .action(async (file: string | undefined, options: { readonly port: number }) => {
    if (file === undefined) return program.help();
    const { serveFile } = await import('./quick.ts');
    await serveFile(file, options);
  });
addLists(program);
addControl(program);
addImport(program);
addSql(program);
addBackups(program);
addAdministration(program);
addDoctor(program);
addMcp(program);
addTorture(program);
addCompletion(program);

/** The program reads its own arguments. */
const runAs = async (load: () => Promise<unknown>): Promise<void> => {
  process.argv.splice(2, 1);
  await load();
};

const fail = (error: unknown): void => {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
    return;
  }
  const code = error instanceof ApiError ? `${error.code}: ` : '';
  printError(`signalbox: ${code}${messageOf(error)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
};

program.parseAsync().catch(fail);
