/** `signalbox backup | restore | verify`: each creates a job, and shows it to its end. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { runJob } from './run-job.ts';
import { type ServerOptions, withClient, withServer } from './server-options.ts';

interface Options extends ServerOptions {
  readonly json?: boolean;
  readonly tables?: readonly string[];
  readonly passphraseFile?: string;
}

interface BackupOptions extends Options {
  readonly incrementalFrom?: string;
  readonly keep?: number;
  readonly integrityCheck?: boolean;
}

export const addBackups = (program: Command): void => {
  withJob(program.command('backup <database> <destination>').description('store a snapshot at a URL, such as s3://…'))
    .option('--tables <names...>', 'these tables; all if omitted')
    .option('--incremental-from <url>', 'store only what this backup lacks')
    .option('--keep <count>', 'remove older backups of this series, so that so many remain', Number)
    .option('--integrity-check', 'check the snapshot')
    .action((database: string, destination: string, options: BackupOptions) => {
      const { tables, incrementalFrom, keep, integrityCheck } = options;
      const given = { ...(tables && { tables }), ...(incrementalFrom && { incrementalFrom }), ...(keep && { keep }) };
      const input = { database, destination, ...given, ...(integrityCheck && { integrityCheck }) };
      return run('BACKUP', input, options);
    });
  withJob(program.command('restore <source> <database>').description('restore a backup; what is there stays as it is'))
    .option('--tables <names...>', 'these tables; all if omitted')
    .action((source: string, database: string, options: Options) =>
      run('RESTORE', { source, database, ...(options.tables && { tables: options.tables }) }, options),
    );
  withJob(
    program.command('verify <source>').description('read all of a backup and check it, and leave nothing'),
  ).action((source: string, options: Options) =>
    run('RESTORE', { source, database: 'signalbox_verify', verifyOnly: true }, options),
  );
};

const withJob = (command: Command): Command =>
  withServer(command)
    .option('--passphrase-file <file>', 'the passphrase of an encrypted backup is the first line of this file')
    .option('--json', 'print the job as JSON');

const run = (typeName: string, input: object, { passphraseFile, json = false, ...server }: Options) =>
  withClient(server, (client) => {
    const [encryptionPassphrase] = passphraseFile === undefined ? [] : readFileSync(passphraseFile, 'utf8').split('\n');
    const secret = encryptionPassphrase === undefined ? {} : { encryptionPassphrase };
    return runJob(client, typeName, { ...input, ...secret }, json);
  });
