import { BackupJobType, RestoreJobType } from './backup.ts';
import { builder } from './builder.ts';
import { createJob, payloadOf } from './create.ts';

const CreateBackupInput = builder.inputType('CreateBackupInput', {
  fields: (t) => ({
    database: t.string({ required: true }),
    tables: t.stringList({ description: 'All tables when left out.' }),
    destination: t.string({
      required: true,
      description: 'nodelocal:, s3:, azure:, gs:; a place that holds no backup.',
    }),
    incrementalFrom: t.string({ description: 'Stores only what the backup at this URL lacks.' }),
    idempotencyKey: t.string(),
  }),
});

const CreateRestoreInput = builder.inputType('CreateRestoreInput', {
  fields: (t) => ({
    source: t.string({ required: true }),
    tables: t.stringList({ description: 'All tables of the backup when left out.' }),
    database: t.string({
      required: true,
      description: 'Target. Created when missing; tables that exist in it are an error, and stay as they are.',
    }),
    idempotencyKey: t.string(),
  }),
});

builder.mutationFields((t) => ({
  createBackup: t.field({
    type: payloadOf('CreateBackupPayload', BackupJobType),
    args: { input: t.arg({ type: CreateBackupInput, required: true }) },
    resolve: (_, { input }, context) => createJob('BACKUP', input, context),
  }),
  createRestore: t.field({
    type: payloadOf('CreateRestorePayload', RestoreJobType),
    args: { input: t.arg({ type: CreateRestoreInput, required: true }) },
    resolve: (_, { input }, context) => createJob('RESTORE', input, context),
  }),
}));
